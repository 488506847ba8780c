"""One field of an entity: its type, its tag, its shapes and how it is kept.

Design section 4, "Keys of a field". A field whose sensitivity is neither given nor implied by its category is an
error, never a default.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field as Key, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from cdp.catalogue.categories import SENSITIVITY_OF
from cdp.catalogue.document import nearest
from cdp.catalogue.keeping import PERIOD
from cdp.catalogue.names import check_name
from cdp.catalogue.types import GENERAL_TYPES, MASK_TYPES, PARAMETERS, TEXT_LENGTH, TEXT_SIZE, general_type
from cdp.terms import AtRest, Generalisation, Mask, Sensitivity, Shape, Type

Name = Annotated[str, AfterValidator(check_name)]

_MUST_BE_SEALED = frozenset({Sensitivity.IDENTIFYING, Sensitivity.SENSITIVE})
_SEGMENT_OF = {
    Sensitivity.IDENTIFYING: "identity",
    Sensitivity.SENSITIVE: "sensitive",
    Sensitivity.PERSONAL: "personal",
    Sensitivity.NONE: "other",
}


def _as_text(table: object) -> object:
    """Read the numbers and truth values that YAML sees among a table's values as the text they were written as."""
    if not isinstance(table, dict):
        return table
    return {_word(key): _word(value) for key, value in table.items()}


def _word(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


class Strict(BaseModel):
    """Base of the models of both files: frozen, no unknown keys, no coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Named(Strict):
    """A model that knows the key under which it stands in the file."""

    _name: str = PrivateAttr(default="")

    @property
    def name(self) -> str:
        """The key under which it stands."""
        return self._name

    def stand_under(self, name: str) -> None:
        """Tell the model its key; called once, by the model that holds it."""
        self._name = name


Language = Literal["en", "zh-Hans"]
Line = Annotated[str, Key(pattern=r"^[^\x00-\x1f\x7f]{1,120}$")]
Paragraph = Annotated[str, Key(pattern=r"^[^\x00-\x1f\x7f]{1,600}$")]


class Titled(Named):
    """A model that may say in words what people are to read in place of its key (`views.titles`)."""

    title: dict[Language, Line] = Key(default_factory=dict)
    description: dict[Language, Paragraph] = Key(default_factory=dict)


class Hold(Strict):
    """A law by which a value stays though its owner is erased, and what for alone it may then be read.

    Attributes:
        since: the field of the same row from whose day the period counts; without it, the day of the erasure.
    """

    reason: dict[Language, Line] = Key(min_length=1)
    basis: Literal["legal_obligation", "legal_claims", "public_interest"]
    purpose: Name
    period: Annotated[str, Key(pattern=PERIOD)]
    since: Name | None = None


WhenOutdated = Literal["delete", "ask"]
"""What becomes of a value whose retention is over: it goes, or the person is asked whether it is still right."""


class Field(Titled):
    """A field of an entity."""

    type: Annotated[Type, Key(strict=False)]
    category: str | None = None
    sensitivity: Annotated[Sensitivity, Key(strict=False)]
    mask: Annotated[Mask, Key(strict=False)] = Mask.HIDDEN
    general: Annotated[Generalisation, Key(strict=False)] | None = None
    width: int | None = None
    keep: int | None = None
    digits: int | None = None
    table: Annotated[dict[str, str], BeforeValidator(_as_text)] | None = None
    identifier: Name | None = None
    quasi_identifier: bool = False
    search: Literal["words"] | None = None
    at_rest: Annotated[AtRest, Key(strict=False)] | None = None
    required: bool = False
    choices: tuple[str, ...] = Key(default=(), strict=False)
    max_length: Annotated[int, Key(ge=1, le=TEXT_SIZE)] | None = None
    retention: Annotated[str, Key(pattern=PERIOD)] | None = None
    when_outdated: WhenOutdated | None = None
    hold: Hold | None = None
    self_service: Literal["direct", "review", "locked"] | None = None
    sent_as: Annotated[str, Key(pattern=r"^[^\x00-\x1f]{1,200}$")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _tag(cls, data: Any) -> Any:
        """Put in the sensitivity that the category implies; refuse a field that has neither."""
        if not isinstance(data, dict):
            return data
        category = data.get("category")
        if category is not None and category not in SENSITIVITY_OF:
            hint = nearest(category, SENSITIVITY_OF) if isinstance(category, str) else ""
            raise PydanticCustomError("cdp_unknown_category", "`category` is not a Fideslang key", {"hint": hint})
        if "sensitivity" in data:
            return data
        if category is None:
            known = list(cls.model_fields)
            hint = next((near for key in data if key not in known and (near := nearest(str(key), known))), "")
            raise PydanticCustomError(
                "cdp_untagged_field",
                "the field has neither a `sensitivity` nor a `category` that implies one",
                {"hint": hint or "sensitivity is one of identifying, sensitive, personal, none"},
            )
        return {**data, "sensitivity": SENSITIVITY_OF[category]}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._check_general()
        if self.mask is not Mask.HIDDEN and self.type not in MASK_TYPES[self.mask]:
            raise PydanticCustomError("cdp_bad_mask", "this mask does not take a field of this type")
        if (self.type is Type.CHOICE) != bool(self.choices) or len(set(self.choices)) != len(self.choices):
            raise PydanticCustomError(
                "cdp_bad_choices", "`choices` lists the different words of a `choice`, and of that only"
            )
        if self.max_length is not None and self.type is not Type.TEXT:
            raise PydanticCustomError("cdp_bad_length", "`max_length` goes with `text`")
        if self.at_rest is AtRest.CLEAR and self.sensitivity in _MUST_BE_SEALED:
            raise PydanticCustomError(
                "cdp_clear_at_rest",
                "identifying and sensitive fields exist only sealed; `at_rest: clear` is not for them",
            )
        if (self.identifier or self.search) and self.type not in (Type.TEXT, Type.CHOICE):
            raise PydanticCustomError("cdp_bad_index", "`identifier` and `search` take text fields")
        return self

    def _check_general(self) -> None:
        needed, least, greatest = PARAMETERS.get(self.general, ("", 0, 0)) if self.general else ("", 0, 0)
        if self.general is Generalisation.TABLE:
            needed = "table"
        for name in ("width", "keep", "digits", "table"):
            value = getattr(self, name)
            if value is None and name == needed:
                raise PydanticCustomError("cdp_bad_general", "`{name}` is missing for this `general`", {"name": name})
            if value is not None and name != needed:
                raise PydanticCustomError("cdp_bad_general", "`{name}` goes with another `general`", {"name": name})
            if isinstance(value, int) and not least <= value <= greatest:
                message = f"`{name}` is from {least} to {greatest} here"
                raise PydanticCustomError("cdp_bad_general", "{message}", {"message": message})
        if self.general and self.type not in GENERAL_TYPES[self.general]:
            raise PydanticCustomError("cdp_bad_general", "this `general` does not take a field of this type")

    @property
    def longest(self) -> int:
        """The most characters that a text of this field may have when it is entered."""
        return self.max_length or TEXT_LENGTH

    @property
    def sealed(self) -> bool:
        """Whether the clear value is kept sealed."""
        return self.at_rest is AtRest.SEALED or self.sensitivity in _MUST_BE_SEALED

    @property
    def segment(self) -> str:
        """The sealed segment in which the field's sealed shapes are kept; one sensitivity, one segment."""
        return _SEGMENT_OF[self.sensitivity]

    def shape_type(self, shape: Shape) -> Type:
        """Return the type of one stored shape."""
        if shape is Shape.CLEAR:
            return self.type
        if shape is Shape.GENERAL and self.general:
            return general_type(self.general, self.type)
        return Type.TEXT

    def has(self, shape: Shape) -> bool:
        """Return whether this shape of the field is stored at all."""
        if shape is Shape.MASKED:
            return self.mask is not Mask.HIDDEN
        return shape is Shape.CLEAR or self.general is not None
