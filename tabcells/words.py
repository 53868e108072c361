"""Numbers, days and moments as a language writes them, by Babel, which Sphinx brings."""

from __future__ import annotations

import datetime

from babel import Locale, localedata
from babel.dates import format_date
from babel.numbers import format_decimal


def _locale(language: str) -> Locale:
    """Babel's; English where it knows none of that name."""
    return Locale.negotiate([language], localedata.locale_identifiers()) or Locale("en")


def decimal(number: float, language: str) -> str:
    """``41.5``, in Vietnamese ``41,5``."""
    return format_decimal(number, locale=_locale(language))


def day(date: str, language: str) -> str:
    """An ISO date as ``November 26, 2026``, in Vietnamese ``ngày 26 tháng 11 năm 2026``."""
    locale = _locale(language)
    form = "'ngày' d 'tháng' M 'năm' y" if locale.language == "vi" else "long"
    return format_date(datetime.date.fromisoformat(date[:10]), form, locale)


def moment(date: str, language: str) -> str:
    """An ISO date of UTC, to the minute: ``November 26, 2026, 07:44 UTC``."""
    return f"{day(date, language)}, {date[11:16]} UTC"
