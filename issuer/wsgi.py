"""For gunicorn and other WSGI servers: `gunicorn issuer.wsgi:app`."""

from issuer import logs
from issuer.app import create_app
from issuer.config import Config

_config = Config.from_environ()
logs.configure(_config.log_level)
app = create_app(_config)
