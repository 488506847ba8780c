"""Settings, from `CDP_…` in the environment or `.env`.

Design section 8. Everything has a default that works for one person on one machine: a folder `./.cdp`.
"""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cdp.errors import BadInput

_ISSUER = r"^(|https://[^\s?#]{1,300}|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?[^\s?#]{0,200})$"
"""An issuer is HTTPS, without query and fragment (Discovery 1.0 section 3); or this machine, to try it out."""


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(env_prefix="CDP_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(default=Path(".cdp"), description="Folder of the embedded default.")
    database_url: str = Field(default="", description="Where the data is; by default `data.db` in the home folder.")
    keys_url: str = Field(default="", description="Where the keys are; by default `keys.db` in the home folder.")
    catalogue: Path = Field(default=Path("catalogue.yaml"), description="The draft of the catalogue.")
    policy: Path = Field(default=Path("policy.yaml"), description="The draft of the policy.")
    statement: Path = Field(default=Path("statement.yaml"), description="The draft of the privacy statement.")
    kek: str = Field(default="", description="The key-encryption key; by default `file:` `kek` in the home folder.")
    origin: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^\s+]{1,200}$",
        description="Public URL; also names the log.",
    )
    pool: int = Field(default=15, ge=2, le=500, description="Connections to the database that one process keeps.")
    places: int = Field(default=100, ge=1, le=10_000, description="Requests that one worker answers at once.")
    app_places: int = Field(default=50, ge=1, le=10_000, description="Requests of one app that it answers at once.")
    request_seconds: float = Field(
        default=30, gt=0, le=3600, description="Within how many seconds an answer must begin; then it is a 503."
    )
    stall_seconds: float = Field(
        default=60, gt=0, le=3600, description="After how many seconds a reader who takes nothing is let go."
    )
    grace_seconds: float = Field(
        default=20, ge=0, le=3600, description="How long answers may go on when the server is told to stop."
    )
    limit_app: int = Field(default=6_000, ge=0, description="Requests per minute and app; 0 is no limit.")
    limit_subject: int = Field(
        default=120, ge=0, description="Requests per minute, app and person whom they name; 0 is no limit."
    )
    limit_address: int = Field(
        default=600,
        ge=0,
        description="Requests per minute and address before it is known whose they are; 0 is no limit.",
    )
    proxies: str = Field(
        default="127.0.0.1",
        pattern=r"^[0-9A-Fa-f:./, ]{0,1000}$",
        description="Addresses of proxies, with commas, that are believed for whom they ask and over which scheme.",
    )
    spool_mb: int = Field(
        default=1024, ge=1, le=1_048_576, description="How many MiB of events may wait; beyond that they get a 429."
    )
    ingest_worker: bool = Field(
        default=True, description="Whether a server folds events itself; else `cdp ingest work` does."
    )
    request_log: bool = Field(default=True, description="Whether each request leaves a line on standard error.")
    mail: str = Field(
        default="outbox:",
        pattern=r"^(outbox:|smtps?://[^\s]{1,300}$)",
        description="How mail is sent: `smtp://…`, `smtps://…`, or `outbox:` and a folder (by default in the home).",
    )
    mail_from: str = Field(
        default="Privacy <privacy@localhost>", pattern=r"^[^\r\n]{3,200}$", description="The sender of mail."
    )
    officer: str = Field(
        default="",
        pattern=r"^([^\s@]{1,64}@[^\s@]{1,190})?$",
        description="The address of whoever decides about requests; `cdp request remind` writes to it.",
    )
    break_glass_minutes: int = Field(
        default=60, ge=1, le=1440, description="How many minutes a break-glass grant may last at most."
    )
    break_glass_delay_days: int = Field(
        default=30, ge=1, le=365,
        description="Within how many days of being asked for a customer is told of a break-glass, whatever delays it.",
    )  # fmt: skip
    oidc_issuer: str = Field(
        default="", pattern=_ISSUER, description="The provider by which customers may sign in: its issuer."
    )
    oidc_client: str = Field(default="", max_length=300, description="What we are called there.")
    oidc_secret: str = Field(default="", max_length=1000, description="Our secret there.")
    oidc_name: str = Field(default="", max_length=60, description="What people call it; by default its host.")
    oidc_claim: str = Field(
        default="email", pattern=r"^[A-Za-z0-9_:/.-]{1,200}$", description="The claim that says which customer it is."
    )
    oidc_kind: str = Field(
        default="email", pattern=r"^[a-z][a-z0-9_]{0,47}$", description="The kind of identifier that the claim is."
    )
    staff_oidc_issuer: str = Field(
        default="", pattern=_ISSUER, description="The provider by which staff may sign in: its issuer."
    )
    staff_oidc_client: str = Field(default="", max_length=300, description="What we are called there.")
    staff_oidc_secret: str = Field(default="", max_length=1000, description="Our secret there.")
    staff_oidc_name: str = Field(default="", max_length=60, description="What people call it; by default its host.")
    tracing: str = Field(
        default="off",
        pattern=r"^[a-z0-9_]{1,40}$",
        description="`off`, or an exporter of traces that OpenTelemetry finds, as `console` or `otlp_proto_http`.",
    )

    checkpoints: str = Field(
        default="",
        description="Where the last checkpoint of the log is kept outside the database: a file, a folder, or an"
        " `https:` URL; by default `checkpoint` in the home folder.",
    )
    witnesses: str = Field(
        default="", description="Who cosigns checkpoints: `<key> <URL>` for each witness, separated by commas."
    )
    public_entries: bool = Field(
        default=False, description="Whether the entries of the log are served to everybody, and not only their hashes."
    )
    work_hours: str = Field(
        default="Mon-Fri 07-20 UTC",
        pattern=r"^[A-Za-z0-9_/+ -]{5,100}$",
        description="When people work, for `cdp log unusual`: days, hours and a time zone.",
    )
    unusual_times: int = Field(
        default=5, ge=1, le=1_000, description="A day is unusual from so many times a reader's usual day on."
    )
    unusual_customers: int = Field(default=100, ge=1, description="And if so many customers were read, at least.")
    unusual_outside: int = Field(default=10, ge=1, description="So many reads outside of working hours, at least.")
    unusual_refusals: int = Field(default=20, ge=1, description="So many refusals, at least.")
    token_seconds: int = Field(default=600, ge=30, le=86_400, description="How long a bearer token holds.")

    access_days: int = Field(
        default=92, ge=1, le=3660, description="After how many days an officer confirms anew who may see what."
    )
    access_enforced: bool = Field(
        default=False, description="Whether apps and staff whom nobody confirmed in time are refused."
    )

    report_days: int = Field(
        default=30, ge=1, le=3660, description="After how many days `cdp report run --if-due` makes the next report."
    )
    report_keep_days: int = Field(default=1_095, ge=1, le=36_600, description="For how many days reports are kept.")

    @property
    def data_url(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self._here('data.db')}"

    @property
    def key_store_url(self) -> str:
        """The URL of the key store."""
        return self.keys_url or f"sqlite:///{self._here('keys.db')}"

    @property
    def kek_url(self) -> str:
        """The URL of the key-encryption key."""
        return self.kek or f"file:{self._here('kek')}"

    @property
    def log_origin(self) -> str:
        """The name of the log and of its key: the public URL without its scheme, and `/log`."""
        return self.origin.partition("://")[2].rstrip("/") + "/log"

    def _here(self, name: str) -> Path:
        return self.home.absolute() / name


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        BadInput: `bad_setting`, naming the setting and never its value; `not_utf8`, for the file.
    """
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(f"CDP_{str(each['loc'][0]).upper()}" for each in error.errors())
        raise BadInput("bad_setting", "a setting is malformed", path=names) from None
    except UnicodeDecodeError:
        raise BadInput("not_utf8", "this is not UTF-8 text", path=".env") from None
