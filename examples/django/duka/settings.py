"""A shop on this machine. What a real one changes is said where it stands."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent

# A real shop takes this from its environment, and turns DEBUG off.
SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "not a secret: this shop is an example")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "lipia.django",
    "orders",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "duka.urls"
WSGI_APPLICATION = "duka.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# A real shop has PostgreSQL here.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SHOP_DATABASE", HERE / "shop.sqlite3"),
        "OPTIONS": {"timeout": 20},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
TIME_ZONE = "Africa/Nairobi"
USE_TZ = True

if "MPESA_CONSUMER_KEY" in os.environ:
    # Everything comes from the variables MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET,
    # MPESA_SHORTCODE, MPESA_PASSKEY, MPESA_ENVIRONMENT and MPESA_CALLBACK_URL.
    LIPIA = {}
else:
    # The M-Pesa of `python -m lipia sandbox --port 8600`. These keys open nothing else.
    LIPIA = {
        "CONSUMER_KEY": "sandbox-key",
        "CONSUMER_SECRET": "sandbox-secret",
        "SHORT_CODE": "174379",
        "PASS_KEY": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
        "BASE_URL": "http://127.0.0.1:8600",
        "CALLBACK_URL": "http://127.0.0.1:8000/pay",
    }

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"lipia": {"handlers": ["console"], "level": "INFO"}},
}
