"""Synthetic customers that look real in English and Chinese: the same ones for the same number, every time.

Nothing here is about anybody: names are drawn from lists (Faker), and numbers and mail addresses are of ranges that
nobody is given (`words`).
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from faker import Faker

from cdp.services.demo.words import COMPLAINTS, DOMAINS, HEALTH, ITEMS, PINYIN, PLACES, RELIGIONS, STREETS, Place
from cdp.store.shaper import Record
from cdp.terms import OPT_OUTS, Value

SEED: Final = 20_240_229
_LAST_DAY: Final = datetime(2025, 6, 30, 18, tzinfo=UTC)
_BIRTHS: Final = ((1950, 1), (1960, 3), (1970, 5), (1980, 7), (1990, 7), (2000, 1))
"""Decades and how many are born in them beside others."""

COMBINATIONS: Final = tuple(
    frozenset(chosen) for size in range(len(OPT_OUTS) + 1) for chosen in itertools.combinations(OPT_OUTS, size)
)
"""Every set of refusals there can be, from none to all."""


@dataclass(frozen=True)
class Person:
    """One customer: her fields, what she refuses, and what belongs to her."""

    values: Record
    refused: frozenset[str]
    orders: tuple[Record, ...] = ()
    complaints: tuple[Record, ...] = ()

    @property
    def email(self) -> str:
        """Her mail address: the identifier that the demo names her by."""
        return str(self.values["email"])


def make_people(number: int) -> list[Person]:
    """Return the first `number` customers; the three that the demo shows come first."""
    maker = _Maker()
    return list(itertools.islice(maker.people(), number))


class _Maker:
    def __init__(self) -> None:
        self._random = random.Random(SEED)
        self._fakers = {locale: Faker(locale) for locale in sorted({place.locale for place in PLACES})}
        for faker in self._fakers.values():
            faker.seed_instance(SEED)
        self._taken: set[str] = set()

    def people(self) -> Iterator[Person]:
        """Yield the shown ones, then one with each combination of refusals, then many of whom most refuse little."""
        for place, values, refused in _SHOWN:
            self._taken |= {str(values["email"]), str(values["phone"])}
            yield self._with_history(place, values, refused)
        for refused in itertools.chain(COMBINATIONS, self._refusals()):
            place = self._random.choices(PLACES, [place.weight for place in PLACES])[0]
            yield self._with_history(place, self._values(place), refused)

    def _refusals(self) -> Iterator[frozenset[str]]:
        while True:
            yield self._random.choice(COMBINATIONS) if self._random.random() < 0.35 else COMBINATIONS[0]

    def _values(self, place: Place) -> dict[str, Value]:
        name, local = self._chinese_name() if place.language == "zh" else self._english_name(place)
        return {
            "full_name": name,
            "email": self._fresh(f"{local}{{}}@{self._random.choice(DOMAINS)}"),
            "phone": self._phone(place),
            "address": self._street(place),
            "city": place.city,
            "postcode": self._fill(place.postcode),
            "birth_date": self._birth_date(),
            "income": round(min(9400, max(1200, self._random.lognormvariate(8.1, 0.42))) / 10) * 10,
            "health": self._sometimes(0.3, HEALTH[place.language]),
            "religion": self._sometimes(0.25, RELIGIONS[place.language]),
            "language": place.language,
            "loyalty": self._random.choices(("gold", "silver", "none"), (2, 3, 5))[0],
        }

    def _english_name(self, place: Place) -> tuple[str, str]:
        faker = self._fakers[place.locale]
        first, last = str(faker.first_name()), str(faker.last_name())
        form = self._random.choice(("{0}.{1}", "{0}.{1}", "{0}{1}", "{2}.{1}"))
        spelled = [part.lower().replace("'", "").replace(" ", "").replace("-", "") for part in (first, last)]
        return f"{first} {last}", form.format(*spelled, spelled[0][0])

    def _chinese_name(self) -> tuple[str, str]:
        faker = self._fakers["zh_CN"]
        while True:
            last, first = str(faker.last_name()), str(faker.first_name())
            if all(character in PINYIN for character in last + first):
                spelled = "".join(PINYIN[character] for character in first)
                return last + first, self._random.choice(("{0}.{1}", "{0}{1}")).format(spelled, PINYIN[last])

    def _fresh(self, form: str) -> str:
        """Return the first text of a form, with a number where needed, that nobody has yet."""
        numbered = (form.format(number if number > 1 else "") for number in itertools.count(1))
        free = next(text for text in numbered if text not in self._taken)
        self._taken.add(free)
        return free

    def _phone(self, place: Place) -> str | None:
        """Return a free number of the place, or None once they run out: they are few."""
        drawn = (self._fill(place.phone) for _ in range(20))
        found = next((phone for phone in drawn if phone not in self._taken), None)
        self._taken |= {found} if found else set()
        return found

    def _street(self, place: Place) -> str:
        street, number = self._random.choice(STREETS[place.locale]), self._random.randint(1, 190)
        if place.language == "zh":
            return f"{street}{number}号{self._random.randint(1, 18)}0{self._random.randint(1, 4)}室"
        return f"{number} {street}"

    def _fill(self, form: str) -> str:
        letters = {"#": "0123456789", "?": "ABDEFGHJLNPQRSTUWXYZ"}
        return "".join(self._random.choice(letters[sign]) if sign in letters else sign for sign in form)

    def _birth_date(self) -> str:
        decade = self._random.choices([year for year, _ in _BIRTHS], [weight for _, weight in _BIRTHS])[0]
        span = 7 if decade == _BIRTHS[-1][0] else 10
        return (date(decade, 1, 1) + timedelta(days=self._random.randrange(365 * span))).isoformat()

    def _sometimes(self, share: float, words: tuple[str, ...]) -> str | None:
        return self._random.choice(words) if self._random.random() < share else None

    def _with_history(self, place: Place, values: Record, refused: frozenset[str]) -> Person:
        orders = tuple(
            self._order(place, values) for _ in range(self._random.choices((0, 1, 2, 3, 5), (2, 4, 3, 2, 1))[0])
        )
        complaints = tuple(self._complaint(place) for _ in range(self._random.choices((0, 1, 2), (14, 5, 1))[0]))
        return Person(values, refused, orders, complaints)

    def _order(self, place: Place, values: Record) -> Record:
        parts = [values["address"], values["city"], values["postcode"]]
        return {
            "placed_at": self._moment(),
            "item": self._random.choice(ITEMS[place.language]),
            "total": f"{self._random.randint(3, 90)}.{self._random.choice(('00', '50', '95', '99'))}",
            "delivery_address": " ".join(map(str, reversed(parts) if place.language == "zh" else parts)),
            "status": self._random.choices(("sent", "delivered", "returned"), (2, 12, 1))[0],
        }

    def _complaint(self, place: Place) -> Record:
        topic = self._random.choice(tuple(COMPLAINTS[place.language]))
        message = self._random.choice(COMPLAINTS[place.language][topic])
        return {"received_at": self._moment(), "topic": topic, "message": message}

    def _moment(self) -> str:
        return (_LAST_DAY - timedelta(minutes=self._random.randrange(3 * 365 * 24 * 60))).isoformat()


def _shown(place: str, refused: tuple[str, ...], /, **values: Value) -> tuple[Place, dict[str, Value], frozenset[str]]:
    found = next(each for each in PLACES if each.city == place)
    return found, {**values, "city": place, "language": found.language}, frozenset(refused)


_SHOWN: Final = (
    _shown(
        "London", (), full_name="Lucy Brown", email="lucy.brown@example.org", phone="+44 7700 900142",
        address="27 Canal Street", postcode="NW1 4QL", birth_date="1987-03-02", income=4350, health="asthma",
        religion="Anglican", loyalty="gold",
    ),
    _shown(
        "San Francisco", ("direct_marketing", "sensitive_data"), full_name="James Reed", email="james.reed@example.com",
        phone="+1 415 555 0134", address="510 Harbor Road", postcode="94107", birth_date="1974-11-19", income=6120,
        health="diabetes", religion=None, loyalty="silver",
    ),
    _shown(
        "上海", ("direct_marketing", "third_party_disclosure", "sensitive_data"), full_name="王小雨",
        email="xiaoyu.wang@example.net", phone="+86 100 0000 0168", address="延安中路88号1203室", postcode="200040",
        birth_date="1992-06-08", income=3780, health="花粉过敏", religion="佛教", loyalty="silver",
    ),
)  # fmt: skip
"""The three that the demo shows: one who refused nothing, one who refused some, one who refused much."""

SHOWN: Final = tuple(str(values["email"]) for _, values, _ in _SHOWN)
"""Their mail addresses."""
