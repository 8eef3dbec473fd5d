"""The application with the settings of the environment, for `issuer.server`."""

from issuer import logs
from issuer.app import create_app
from issuer.config import Config

_config = Config.from_environ()
logs.configure(_config.log_level)
app = create_app(_config)
