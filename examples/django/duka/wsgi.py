"""For gunicorn: ``gunicorn duka.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duka.settings")

application = get_wsgi_application()
