"""Django's settings, derived from the operator's file; nothing is set twice."""

import secrets

from proxeny import __version__
from proxeny.errors import ConfigError
from proxeny.node.settings.config import (
    FILE_NAME,
    Config,
    database_settings,
    default_home,
    load_config,
)

_home = default_home()
# Type checkers and `--help` import this module where no node is.
CONFIG = load_config(_home) if (_home / FILE_NAME).is_file() else Config(home=_home)
VERSION = __version__


def _secret() -> str:
    path = CONFIG.home / "secret_key"
    if not path.is_file():
        return secrets.token_urlsafe(50)
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < 50:  # noqa: PLR2004 - what Django's own check demands
        raise ConfigError("The file secret_key is shorter than 50 characters.")
    return secret


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
_public = CONFIG.serve.public_url
if _public:
    from urllib.parse import urlsplit

    _host = urlsplit(_public).hostname
    if _host and _host not in ALLOWED_HOSTS:
        ALLOWED_HOSTS.append(_host)
    CSRF_TRUSTED_ORIGINS = [_public.rstrip("/")]
_https = _public.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    # Before allauth, so that its pages wear our look.
    "proxeny.node.pages",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "proxeny.node.jobs",
    "proxeny.node.accounts",
    "proxeny.node.audit",
    "proxeny.node.directory",
    "proxeny.node.exchange",
    "proxeny.node.selectors",
    "proxeny.node.linking",
    "proxeny.node.reports",
    "proxeny.node.cases",
    "proxeny.node.requests",
    "proxeny.node.api",
]
MIDDLEWARE = [
    "proxeny.node.api.problems.ProblemAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "proxeny.node.accounts.middleware.ShowsActor",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "proxeny.node.pages.errors.ErrorPages",
]
ROOT_URLCONF = "proxeny.node.settings.urls"
WSGI_APPLICATION = "proxeny.node.settings.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "proxeny.node.pages.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "proxeny.node.pages.context.desk",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "proxeny.node.pages.context.desk",
            ],
        },
    },
]
DATABASES = {"default": database_settings(CONFIG)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "proxeny.node.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/desk/"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Proxeny"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "proxeny",
    }
}

SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Two nodes on one machine share a host name, and so a cookie jar.
SESSION_COOKIE_NAME = f"proxeny_{CONFIG.serve.port}"
CSRF_COOKIE_NAME = f"proxeny_csrf_{CONFIG.serve.port}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "proxeny.node.pages.errors.refused"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Behind the TLS proxy of the operator's guide; it must set both headers itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _https else 0
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 10

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
STATIC_URL = "/static/"
# Finders serve the committed files: no collect step, and names carry the version.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "proxeny.node.settings.logs.WithoutText",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"proxeny": {"level": "INFO"}},
}
