"""For gunicorn and other WSGI servers: `gunicorn issuer.wsgi:app`."""

from issuer.app import create_app

app = create_app()
