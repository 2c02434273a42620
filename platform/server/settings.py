"""All settings, read from the environment; docs/settings.md lists them."""

import mimetypes
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from server.broker_options import transport_options
from server.env import (
    AMAZON_S3,
    bucket_storage,
    database_from_url,
    env_bool,
    env_choice,
    env_choices,
    env_colour,
    env_int,
    env_list,
    env_matching,
    env_numbers,
    env_skip,
    env_text,
    env_time_zone,
    media_origins,
    require_in_production,
)

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"

PRODUCTION = (
    env_choice("COVERLIFT_ENV", "development", ("development", "production")) == "production"
)
DEBUG = env_bool("COVERLIFT_DEBUG", default=False)
LOG_LEVEL = env_choice("COVERLIFT_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR"))
# Which file a worker or the clock touches at work: its age is a sign of life.
HEARTBEAT = env_text("COVERLIFT_HEARTBEAT", "")
LOG_FORMAT = env_choice("COVERLIFT_LOG_FORMAT", "line", ("line", "json"))
SENTRY_DSN = env_text("COVERLIFT_SENTRY_DSN", "")
TRACES_URL = env_text("COVERLIFT_TRACES_URL", "")

if PRODUCTION:
    require_in_production(
        "COVERLIFT_SECRET_KEY",
        "COVERLIFT_ALLOWED_HOSTS",
        "COVERLIFT_TOKEN_KEYS",
        "COVERLIFT_VIEWER_KEY",
        "DATABASE_URL",
    )
SECRET_KEY = env_text("COVERLIFT_SECRET_KEY", "development-only")
ALLOWED_HOSTS = env_list("COVERLIFT_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
# Keys that sign impressions, newest first, as "id:secret"; older ones still verify.
TOKEN_KEYS = env_list("COVERLIFT_TOKEN_KEYS", ["1:development-only"])
TOKEN_LIFETIME_S = env_int("COVERLIFT_TOKEN_LIFETIME_S", 36 * 3600, minimum=1)
# Turns a viewer's text into the number that is stored and assigned: it must never change.
VIEWER_KEY = env_text("COVERLIFT_VIEWER_KEY", "development-only")

# A viewer who sends Do Not Track or Global Privacy Control sees the control and is no data.
HONOUR_DO_NOT_TRACK = env_bool("COVERLIFT_HONOUR_DO_NOT_TRACK", default=True)

# How many cards of the feed play at one time: of those half in view, in the order of the page.
PREVIEWS_AT_ONCE = env_int("COVERLIFT_PREVIEWS_AT_ONCE", 2, minimum=1)

# What other sites' pages are given: lists that block by address know the common ones.
EMBED_PATH = env_matching("COVERLIFT_EMBED_PATH", "embed", r"[\w-]+(/[\w-]+)*", "embed or a/b")
EMBED_SCRIPT = env_matching("COVERLIFT_EMBED_SCRIPT", "coverlift.js", r"[\w-]+\.js", "coverlift.js")
# Where they find this site; with it media have whole addresses.
PUBLIC_URL = env_matching(
    "COVERLIFT_PUBLIC_URL", "", r"|https?://[a-z0-9.-]+(:[0-9]+)?", "https://coverlift.example"
)

# Webhooks go to public addresses alone, unless this site's own network may be reached by them.
WEBHOOKS_PRIVATE = env_bool("COVERLIFT_WEBHOOKS_PRIVATE", default=False)

# Reports, dashboards and counts: for everybody, or for staff who log in at the console.
PUBLIC_REPORTS = env_bool("COVERLIFT_PUBLIC_REPORTS", default=not PRODUCTION)

DATABASE_URL = env_text("DATABASE_URL", "postgres://coverlift@127.0.0.1:5432/coverlift")
DATABASES = {"default": database_from_url(DATABASE_URL)}
# How long a page or an answer waits for one statement; workers and commands wait on.
STATEMENT_TIME_S = env_int("COVERLIFT_STATEMENT_TIME_S", 5, minimum=1)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "django_htmx",
    "experiments.apps.ExperimentsConfig",
    "server.apps.ServerConfig",
]
MIDDLEWARE = [
    "server.health.answer_probes",
    "server.api.etags.ETags",
    "django.middleware.security.SecurityMiddleware",
    "server.headers.tell_permissions",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "server.sessions.end_sessions",
    "server.access.Guard",
    "server.acting.name_actor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
CSRF_FAILURE_VIEW = "server.console.typed.answer_stale"
ROOT_URLCONF = "server.urls"
WSGI_APPLICATION = "server.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
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

# Accounts: five wrong passwords from one network, and it waits for a quarter of an hour.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["ip_address"]  # by name, strangers could lock the staff out
AXES_CLIENT_IP_CALLABLE = "server.access.client_network"
AXES_LOCKOUT_TEMPLATE = "console/locked.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A session ends after a working day, and sooner where nothing is asked for.
SESSION_COOKIE_AGE = env_int("COVERLIFT_SESSION_S", 12 * 3600, minimum=60)
SESSION_IDLE_S = env_int("COVERLIFT_SESSION_IDLE_S", 2 * 3600, minimum=60)
OTP_TOTP_ISSUER = "Coverlift"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

S3_BUCKET = env_text("COVERLIFT_S3_BUCKET", "")
S3_ENDPOINT = env_text("COVERLIFT_S3_ENDPOINT", AMAZON_S3)
S3_PUBLIC_URL = env_text("COVERLIFT_S3_PUBLIC_URL", "")

# Pages run and show what this site holds, and nothing written within them: a title that became
# markup would be dead. Media may be a bucket's.
_MEDIA_SOURCES = [
    SELF,
    "data:",
    *filter(None, [PUBLIC_URL]),
    *media_origins(S3_BUCKET, S3_PUBLIC_URL or S3_ENDPOINT),
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": _MEDIA_SOURCES,
        "media-src": _MEDIA_SOURCES,
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
SITE_TIME_ZONE = env_time_zone("COVERLIFT_TIME_ZONE", "UTC")  # of the days and times on reports
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_URL = f"{PUBLIC_URL}/media/"
MEDIA_ROOT = Path(env_text("COVERLIFT_MEDIA_ROOT", str(VAR / "media")))
for extension in (".avif", ".webp"):  # which Python 3.11 does not know
    mimetypes.add_type(f"image/{extension[1:]}", extension)
FEATURES_ROOT = Path(env_text("COVERLIFT_FEATURES_ROOT", str(VAR / "features")))
SPOOL_ROOT = Path(env_text("COVERLIFT_SPOOL_ROOT", str(VAR / "spool")))
# Events older than that, of experiments that ended as long ago, go to files (manage.py archive).
KEEP_EVENTS_DAYS = env_int("COVERLIFT_KEEP_EVENTS_DAYS", 400, minimum=3)
# Samples of refused events, refused uploads, failed logins (manage.py forget_old, once a day).
KEEP_RECORDS_DAYS = env_int("COVERLIFT_KEEP_RECORDS_DAYS", 400, minimum=1)
ARCHIVE_ROOT = Path(env_text("COVERLIFT_ARCHIVE_ROOT", str(VAR / "archive")))
# Where events are kept: postgres, chdb:FOLDER or clickhouse://HOST[,HOST…]/DATABASE.
EVENTS = env_text("COVERLIFT_EVENTS", "postgres")
# Where files are received piece by piece; never served.
UPLOADS_ROOT = Path(env_text("COVERLIFT_UPLOADS_ROOT", str(VAR / "uploads")))
LARGEST_VIDEO_MB = env_int("COVERLIFT_LARGEST_VIDEO_MB", 4000, minimum=1)
# Videos below it can be brought in by naming their folder or a table of them.
IMPORT_ROOT = Path(env_text("COVERLIFT_IMPORT_ROOT", str(VAR / "import")))
# Where named, features are extracted by workers of that queue, which may have a GPU.
FEATURES_QUEUE = env_text("COVERLIFT_FEATURES_QUEUE", "")
# Which network's features the selectors read; the 3D-ResNet-50 needs published weights.
EXTRACTOR = env_choice(
    "COVERLIFT_EXTRACTOR", "efficientnet-lite0", ("efficientnet-lite0", "3d-resnet-50")
)
EXTRACTOR_WEIGHTS = env_text("COVERLIFT_EXTRACTOR_WEIGHTS", "")
if (EXTRACTOR == "3d-resnet-50") != bool(EXTRACTOR_WEIGHTS):
    raise ImproperlyConfigured(
        f"COVERLIFT_EXTRACTOR == {EXTRACTOR!r} and COVERLIFT_EXTRACTOR_WEIGHTS == "
        f"{EXTRACTOR_WEIGHTS!r}: 3d-resnet-50 must be given weights, the other brings its own"
    )
SELECTORS = tuple(env_list("COVERLIFT_SELECTORS", ["raw", "re_seq2seq", "gevaden", "appeal"]))
# What of a video is never shown.
SKIP_INTRO = env_skip("COVERLIFT_SKIP_INTRO", "2")
SKIP_OUTRO = env_skip("COVERLIFT_SKIP_OUTRO", "2")
# Seconds between the beginnings of a GIF's shots; 1 keeps the paper's own rules.
SHOT_GAP_S = env_int("COVERLIFT_SHOT_GAP_S", 5, minimum=1)
# Of the selector appeal, in the order of thumbnailer.settings.CueWeights.
CUE_WEIGHTS = env_numbers("COVERLIFT_CUE_WEIGHTS", "6,1,1,1,1,1,1")
DISTINCT_ARMS = env_bool("COVERLIFT_DISTINCT_ARMS", default=True)
DISTINCT_SHOTS = env_bool("COVERLIFT_DISTINCT_SHOTS", default=False)
# Which pictures there are of a video, and of which films.
PICTURE_SHAPE = env_choice(
    "COVERLIFT_PICTURE_SHAPE", "film", ("film", "16:9", "4:3", "1:1", "4:5", "9:16")
)
WIDE_PICTURES = env_bool("COVERLIFT_WIDE_PICTURES", default=True)
PREVIEWS = tuple(env_choices("COVERLIFT_PREVIEWS", [], ("mp4", "avif")))
BACKGROUND = env_colour("COVERLIFT_BACKGROUND", "#ffffff")
LONGEST_FILM_H = env_int("COVERLIFT_LONGEST_FILM_H", 4, minimum=1)
GROWING_FILMS = env_bool("COVERLIFT_GROWING_FILMS", default=False)
# Pictures of single seconds that are made a minute at most, and kept.
FRAMES_A_MINUTE = env_int("COVERLIFT_FRAMES_A_MINUTE", 60, minimum=0)
FRAMES_KEPT = env_int("COVERLIFT_FRAMES_KEPT", 10_000, minimum=1)
# What one step on a video may use before its child process is ended.
WORKER_NICENESS = env_int("COVERLIFT_WORKER_NICENESS", 10, minimum=0)
STEP_TIME_S = env_int("COVERLIFT_STEP_TIME_S", 120, minimum=1)
STEP_MEMORY_MB = env_int("COVERLIFT_STEP_MEMORY_MB", 2048, minimum=0)
WHITENOISE_USE_FINDERS = True
# Whose names hold their digest: browsers keep them for ever, and never ask again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"\.[0-9a-f]{12}\."
STORAGES = {
    "default": bucket_storage(S3_BUCKET, endpoint_url=S3_ENDPOINT, public_url=S3_PUBLIC_URL)
    if S3_BUCKET
    else {"BACKEND": "server.storage.AtomicFileStorage"},
    "staticfiles": {"BACKEND": "server.static_files.VersionedStaticFiles"},
}

# NATS servers that keep batches of events until they are stored; none: they are stored at once.
EVENT_LOG = env_list("COVERLIFT_EVENT_LOG", [])

# Postgres itself carries the tasks unless another broker is named (pgmq, kombu >= 5.7).
CELERY_BROKER_URL = env_text(
    "CELERY_BROKER_URL", "pgmq" + DATABASE_URL[DATABASE_URL.index("://") :]
)
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(CELERY_BROKER_URL)
# A worker that makes a video answers nothing meanwhile; RabbitMQ would take it for dead. One whose
# machine is gone is told by the end of its connection.
CELERY_BROKER_HEARTBEAT = 0
# A worker reads its queues in turn: what somebody waits for comes after one video, not after all.
CELERY_TASK_QUEUES = [Queue("celery", routing_key="celery"), Queue("asked", routing_key="asked")]
CELERY_TASK_ROUTES = {name: {"queue": "asked"} for name in ("make_frame", "make_storyboard")}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Each worker is one process that does one task at a time; more of them do more. A pool's child that
# is killed while it waits takes the pool's lock along, and its worker would wait for ever.
CELERY_WORKER_POOL = "solo"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULER = "server.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # An expired one is dropped, so that a stopped worker finds no pile of them.
    "roll_up": {"task": "roll_up", "schedule": 5.0, "options": {"expires": 5.0}},
    # Takes up what a lost worker left, and what a lost message would have brought.
    "make_thumbnails": {
        "task": "make_thumbnails",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "make_playable": {"task": "make_playable", "schedule": 60.0, "options": {"expires": 60.0}},
    "flag_bots": {"task": "flag_bots", "schedule": 3600.0, "options": {"expires": 3600.0}},
    "ship_due": {"task": "ship_due", "schedule": 60.0, "options": {"expires": 60.0}},
    "send_webhooks": {"task": "send_webhooks", "schedule": 5.0, "options": {"expires": 5.0}},
    "two_way": {"task": "two_way", "schedule": 600.0, "options": {"expires": 600.0}},
    "renew_summaries": {
        "task": "renew_summaries",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "forget_old": {"task": "forget_old", "schedule": 86_400.0, "options": {"expires": 86_400.0}},
}

# Django's own default would mail errors to nobody: here the log is the process's output.
_OUTPUT = {"handlers": ["output"], "propagate": False}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids": {"()": "server.logs.Ids"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "server.logs.JsonLines"},
    },
    "handlers": {
        "output": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["ids"]}
    },
    "root": {"handlers": ["output"], "level": LOG_LEVEL},
    "loggers": {
        "django": {**_OUTPUT, "level": LOG_LEVEL},
        "celery": {**_OUTPUT, "level": "INFO"},  # which tasks come and how they end
    },
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Coverlift",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["server.api.schema.tell_refusals"],
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "server.api.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["server.access.ByTable"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "server.api.errors.answer_to_error",
}

if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    # Whether HSTS holds for other names of the domain (W005), in every browser's own list (W021),
    # is for its owner to say.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
