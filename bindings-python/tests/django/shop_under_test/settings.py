"""The project that the tests run. What differs from run to run comes from the environment, so that
a server in a process of its own runs the same project as the test that started it."""

from __future__ import annotations

import json
import os

if os.environ.get("LIPIA_TEST_MARIADB_DRIVER") == "pymysql":
    import pymysql

    pymysql.install_as_MySQLdb()

SECRET_KEY = "of no value: this project runs in tests alone"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
ROOT_URLCONF = "shop_under_test.urls"
USE_TZ = os.environ.get("LIPIA_TEST_USE_TZ", "1") == "1"
TIME_ZONE = "Africa/Nairobi"
DATABASES = {
    "default": json.loads(
        os.environ.get(
            "LIPIA_TEST_DATABASE", '{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}'
        )
    )
}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "lipia.django",
    "shop_under_test",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
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
STATIC_URL = "static/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LIPIA = json.loads(os.environ.get("LIPIA_TEST_SETTINGS", "{}"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"lipia": {"handlers": ["console"], "level": "INFO"}},
}
