"""All Django settings, grouped by subject; the only settings module of the project.

Values that differ between installations come from environment variables, read and checked by
`project.environment`.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.utils.translation import gettext_lazy as _
from kombu import Queue
from redis import exceptions as redis_errors
from redis.backoff import NoBackoff
from redis.retry import Retry

from monitoring import redis_client
from monitoring.logs.configuration import logging_configuration
from project import celery_broker, embedded, release
from project.environment.reader import read_environment
from project.environment.site import PUBLISHED_DEMO_PASSWORD as PUBLISHED_DEMO_PASSWORD
from project.environment.uploads import clamd_address
from realtime.site_identity import LazyPrefix

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read_environment()
DATA_DIR = (BASE_DIR / ENVIRONMENT.data_dir).resolve()

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = ENVIRONMENT.secret_key_fallbacks
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.trusted_origins
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEBUG
if not DEBUG:
    # Browsers accept such a name only over HTTPS, for all paths and from this host itself, so that
    # no other host of the same domain can plant a cookie.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
RATE_LIMITS = ENVIRONMENT.rate_limits
CSRF_FAILURE_VIEW = "project.web.error_views.csrf_failure"
DEFAULT_EXCEPTION_REPORTER = "project.web.exception_reporter.OutageReporter"

INSTALLED_APPS = [
    "project",
    "interview",
    "jobs",
    "django_celery_beat",  # before realtime, whose admin pages replace those of this app
    "realtime",
    "monitoring",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "monitoring.http.middleware.request_id_middleware",
    "monitoring.http.middleware.PageTimingMiddleware",
    "monitoring.http.internal_hosts.internal_hosts_middleware",
    "django.middleware.security.SecurityMiddleware",
    "project.web.headers.headers_middleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "project.web.unavailable.unavailable_middleware",  # outside of all that read the database
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "project.servers.body_limit.refusal_middleware",  # after the language is known
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "monitoring.audit.middleware.OriginMiddleware",
    "project.web.time_zone.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

# Databases. Without DATABASE_URL and REDIS_URL, all commands share the servers in DATA_DIR.
DATABASE_URL = ENVIRONMENT.database_url or embedded.database_url(DATA_DIR)
REDIS_URL = ENVIRONMENT.redis_url or embedded.redis_url(DATA_DIR)
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, engine="project.database")}
# A server that vanished without a word is noticed within seconds. The address may say otherwise.
DATABASE_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
DATABASES["default"]["OPTIONS"] = (
    DATABASE_PATIENCE
    | DATABASES["default"].get("OPTIONS", {})
    | {"pool": {"min_size": 1, "max_size": 8, "timeout": 10, "reconnect_timeout": 10}}
)
# Behind a pooler in transaction mode, sessions are not ours: `realtime.session_connection`.
DATABASE_DIRECT = None
if ENVIRONMENT.database_direct_url:
    DATABASE_DIRECT = dj_database_url.parse(ENVIRONMENT.database_direct_url)
    # Its own parameters, none of the pooler: one of the two may have TLS.
    DATABASE_DIRECT["OPTIONS"] = DATABASE_PATIENCE | DATABASE_DIRECT.get("OPTIONS", {})
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = DATABASE_DIRECT is not None
MIGRATION_WAIT_SECONDS = ENVIRONMENT.migration_wait_seconds
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_OPTIONS = {
    # By default redis-py retries for seconds while a page or task waits. One immediate retry is
    # enough for a pooled connection that was closed since its last use.
    "retry": Retry(NoBackoff(), 1, supported_errors=(redis_errors.ConnectionError,)),
    "socket_timeout": 0.5,  # seconds
    "socket_connect_timeout": 0.5,
}
CACHES = {
    "default": {
        "BACKEND": "realtime.sentinel_cache.SentinelCache"
        if redis_client.is_sentinel(REDIS_URL)
        else "django.core.cache.backends.redis.RedisCache",
        "LOCATION": [REDIS_URL],
        "KEY_PREFIX": "cache",
        "KEY_FUNCTION": "realtime.site_identity.cache_key",
        "OPTIONS": REDIS_OPTIONS | {"serializer": "realtime.json_serializer.JsonSerializer"},
    }
}
CACHE_PAGES = ENVIRONMENT.cache_pages
WEB_SERVER = ENVIRONMENT.web_server
SOCKETS_PER_PROCESS = ENVIRONMENT.sockets_per_process
SOCKETS_PER_ADDRESS = ENVIRONMENT.sockets_per_address
SOCKETS_PER_PERSON = ENVIRONMENT.sockets_per_person
SOCKET_PING_SECONDS = ENVIRONMENT.socket_ping_seconds
SOCKET_COMPRESSION = ENVIRONMENT.socket_compression
DRAIN_SECONDS = ENVIRONMENT.drain_seconds
LAYER_REDIS_URLS = ENVIRONMENT.layer_redis_urls or [REDIS_URL]
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [redis_client.layer_host(url) for url in LAYER_REDIS_URLS],
            "prefix": LazyPrefix(),
        },
    }
}

# Background work.
BROKER_URL = ENVIRONMENT.broker_url or REDIS_URL
CELERY_BROKER_URL = celery_broker.celery_url(BROKER_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = celery_broker.transport_options(BROKER_URL)
CELERY_BROKER_CONNECTION_TIMEOUT = celery_broker.ANSWER_SECONDS
CELERY_TASK_PUBLISH_RETRY_POLICY = celery_broker.PUBLISH_RETRIES
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]  # never pickle: a message must not be able to execute code
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name) for name in ("default", "notify", "bulk")]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Soft and hard time limits of a task, in seconds, by queue. A batch of messages takes less than a
# minute unless a server is very slow. An import of 10 000 rows takes five seconds, so eight minutes
# mean that it hangs. All limits are below the visibility timeout of Redis (10 minutes) and the
# consumer_timeout of RabbitMQ (30 minutes), after which a running task would be delivered again.
WORK_LIMITS_SECONDS = {"default": (60, 90), "notify": (240, 300), "bulk": (480, 540)}
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = WORK_LIMITS_SECONDS["default"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A stopping worker waits this many seconds for running tasks, then returns them to the queue.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = ENVIRONMENT.worker_stop_seconds
# Keep tasks running when the broker is lost: their leases prevent a second execution.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500  # limits the effect of memory leaks
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB; an import of 50 000 rows needs half
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Reconnect also when Redis answers with an error (READONLY, MISCONF, OOM): it may be failing over.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_CONSUMER = "realtime.background.worker_consumer:Consumer"
CELERY_BEAT_SCHEDULER = "realtime.background.periodic.scheduler:LeaderScheduler"
BEAT_LEASE_SECONDS = ENVIRONMENT.beat_lease_seconds
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
LOCAL_FLOWER_URL = f"http://127.0.0.1:{ENVIRONMENT.flower_port}/" if ENVIRONMENT.flower else ""
FLOWER_URL = ENVIRONMENT.flower_url or LOCAL_FLOWER_URL
CELERY_TIMEZONE = ENVIRONMENT.time_zone

DINGTALK_ROBOTS = ENVIRONMENT.dingtalk_robots

# Outgoing messages.
SITE_URL = (
    ENVIRONMENT.site_url or [*CSRF_TRUSTED_ORIGINS, f"http://127.0.0.1:{ENVIRONMENT.port}"][0]
)
EMAIL_HOST, EMAIL_PORT = ENVIRONMENT.mail_server
EMAIL_REACHES_PEOPLE = ENVIRONMENT.mail_reaches_people
# Without an SMTP server, e-mails are written to files in EMAIL_FILE_PATH.
EMAIL_BACKEND = (
    "interview.notifications.email.smtp_backend.Backend"
    if EMAIL_HOST
    else "interview.notifications.email.mail_files.Backend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST_USER = ENVIRONMENT.email_user if ENVIRONMENT.email_host else ""
EMAIL_HOST_PASSWORD = ENVIRONMENT.email_password
# A mail catcher knows neither passwords nor TLS.
EMAIL_USE_TLS = ENVIRONMENT.email_security == "starttls" and bool(ENVIRONMENT.email_host)
EMAIL_USE_SSL = ENVIRONMENT.email_security == "tls" and bool(ENVIRONMENT.email_host)
EMAIL_TIMEOUT = ENVIRONMENT.email_timeout_seconds
MESSAGE_DELAY_SECONDS = ENVIRONMENT.message_delay_seconds
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from

# Privacy.
LATE_GRACE_MINUTES = ENVIRONMENT.late_grace_minutes
INTERVIEWER_MISSING_MINUTES = ENVIRONMENT.interviewer_missing_minutes
RETENTION_YEARS = ENVIRONMENT.retention_years
ANONYMISE_AUTOMATICALLY = ENVIRONMENT.anonymise_automatically

# Accounts and sign-in.
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "project.accounts.lockout.LockoutBackend",  # first: refuses locked-out user names
    "project.accounts.auth_backend.PrefetchingBackend",
]
SESSION_ENGINE = "project.accounts.session_store"
SESSION_COOKIE_AGE = round(ENVIRONMENT.session_idle_hours * 3600)
SESSION_LONGEST_AGE = timedelta(days=ENVIRONMENT.session_longest_days)
SIGN_IN_FAILURES = ENVIRONMENT.sign_in_failures  # 0: no lockout
SIGN_IN_FAILURES_PER_ACCOUNT = ENVIRONMENT.sign_in_failures_per_account  # an hour; 0: no limit
SIGN_IN_LOCK_TIME = timedelta(minutes=ENVIRONMENT.sign_in_lock_minutes)
CONFIRM_PASSWORD_AGE = timedelta(minutes=ENVIRONMENT.confirm_password_minutes)
PASSWORD_RESET_TIMEOUT = 2 * 3600  # seconds that the link of a "forgot password" e-mail works
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128  # characters
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": SHORTEST_PASSWORD}),
        ("UserAttributeSimilarityValidator", {}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
] + [
    {
        "NAME": "project.accounts.longest_password.MaximumLengthValidator",
        "OPTIONS": {"max_length": LONGEST_PASSWORD},
    }
]

# Languages and time. Texts are written in English and translated to Chinese.
LANGUAGE_CODE = ENVIRONMENT.language
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "project" / "locale"]
FORMAT_MODULE_PATH = ["project.formats"]
USE_TZ = True
TIME_ZONE = ENVIRONMENT.time_zone

# Files.
STATIC_URL = "static/"
STATIC_ROOT = (BASE_DIR / (ENVIRONMENT.static_dir or DATA_DIR / "static")).resolve()
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": (BASE_DIR / (ENVIRONMENT.private_dir or DATA_DIR / "private")).resolve(),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "project.web.static_storage.ProductionStaticFilesStorage"
    },
}
CLAMD = clamd_address(ENVIRONMENT.clamd)
RESUME_BYTES = ENVIRONMENT.resume_megabytes * 1024 * 1024
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site may load our files

# Security. `project.web.headers` adds what Django and django-csp have no setting for.
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if DEBUG else ENVIRONMENT.hsts_seconds
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.hsts_scope != "host"
SECURE_HSTS_PRELOAD = ENVIRONMENT.hsts_scope == "preload"
# HSTS without subdomains and preload is a choice (HSTS_SCOPE), so do not warn about it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if ENVIRONMENT.tls_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Probes, Prometheus and Alertmanager call these inside the network, not through the proxy.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics", r"^alerts/"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],  # includes WebSockets
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# API.
REST_FRAMEWORK = {
    # The first class provides the WWW-Authenticate header; without one, DRF answers 403, not 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "realtime.http.tokens.DigestAuthentication",
        "realtime.http.sessions.CsrfSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["realtime.http.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "project.web.pagination.StrictPageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "project.web.api_schema.OperationSchema",
    "DEFAULT_THROTTLE_CLASSES": ["realtime.http.throttles.ApiThrottle"],
    "EXCEPTION_HANDLER": "project.web.api_errors.problem_details",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Recruit Live API",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "InterviewStatus": "interview.models.states.Status",
        "Side": "interview.models.states.Side",
        "TaskState": "realtime.models.TaskRun.State",
        "ImportState": "jobs.models.imports.ImportRun.State",
        "ScorecardState": "interview.models.Scorecard.State",
        "NoticeEvent": "interview.models.Notification.Event",
        "DeliveryEvent": "interview.models.Delivery.Event",
        "DeliveryChannel": "interview.notifications.channels.choices",
        "DeliveryState": "interview.models.Delivery.State",
        "RoomKind": "interview.models.Room.Kind",
        "JobKind": "jobs.models.Job.Kind",
        "ApplicationStage": "jobs.models.Application.Stage",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "project.web.api_schema.describe_problems",
    ],
}

# Metrics, error reports and links for operations.
METRICS_TOKEN = ENVIRONMENT.metrics_token
METRICS_HOST = ENVIRONMENT.metrics_host
METRICS_PORT = ENVIRONMENT.metrics_port
HEARTBEAT_PATH = ENVIRONMENT.heartbeat_path
SENTRY: dict[str, Any] = {
    "dsn": ENVIRONMENT.sentry_dsn,
    "release": ENVIRONMENT.sentry_release or release.release_name(BASE_DIR),
    "environment": ENVIRONMENT.sentry_environment,
    "pages_sampled": ENVIRONMENT.sentry_traces_sample_rate,
}
GRAFANA_URL = ENVIRONMENT.grafana_url
SENTRY_URL = ENVIRONMENT.sentry_url
RUNBOOKS_URL = ENVIRONMENT.runbooks_url

# Alerts.
ALERTS_TOKEN = ENVIRONMENT.alerts_token
ALERT_LANGUAGE = ENVIRONMENT.alert_language or LANGUAGE_CODE
ALERT_EMAILS = ENVIRONMENT.alert_emails
WATCHDOG_URL = ENVIRONMENT.watchdog_url
ALERTMANAGER_URL = ENVIRONMENT.alertmanager_url
ALERTS_EXPECTED = not DEBUG

# Backups. Development data are backed up by nobody, so their age is not monitored.
BACKUP_DIR = (BASE_DIR / (ENVIRONMENT.backup_dir or DATA_DIR / "backups")).resolve()
BACKUP_KEEP_DAYS = ENVIRONMENT.backup_keep_days
BACKUP_AGE_RECIPIENT = ENVIRONMENT.backup_age_recipient
BACKUP_GPG_RECIPIENT = ENVIRONMENT.backup_gpg_recipient
BACKUP_MAX_AGE = timedelta(hours=0 if DEBUG else ENVIRONMENT.backup_max_age_hours)

# Logs. A message plus fields; neither may hold personal data.
LOG_DIR = (BASE_DIR / ENVIRONMENT.log_dir).resolve() if ENVIRONMENT.log_dir else None
LOGGING = logging_configuration(
    level=ENVIRONMENT.log_level, shape=ENVIRONMENT.log_format, directory=LOG_DIR
)
LOGGING["filters"] = {
    "outage": {"()": "project.database.outage.OutageFilter"},
    "probes": {"()": "monitoring.logs.probes.ProbeFilter"},
}
LOGGING["loggers"]["django.request"] = {"filters": ["outage", "probes"]}
SLOW_REQUEST_SECONDS = ENVIRONMENT.slow_request_seconds
SLOW_QUERY_SECONDS = ENVIRONMENT.slow_query_seconds
LONG_TASK_SECONDS = ENVIRONMENT.long_task_seconds
