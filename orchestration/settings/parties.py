"""Entities, stores and accounts: as written, completed by defaults, or made from what a connection names."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from orchestration.settings.connections import PLATFORMS, Draft, read_currency
from orchestration.settings.errors import SettingsError
from orchestration.settings.model import Account, AccountKind, Entity, Money, Store
from orchestration.settings.toml import Section, tables

KINDS = ("channel", "wallet", "bank", "deposit", "ads")
CHANNEL_STORES = {"own_site", "offline"}
LEDGER_ACCOUNTS = {
    "alipay": "101201",
    "wechatpay": "101202",
    "jd": "101203",
    "pdd": "101204",
    "douyin": "101205",
    "paypal": "101206",
    "stripe": "101207",
    "shopify": "101207",
    "cross_border": "101208",
    "wechat_shop": "101209",
}
STORE_KEYS = ("code", "entity", "platform", "money", "settles_into", "payments")
ACCOUNT_KEYS = ("code", "entity", "platform", "kind", "currency", "pays_out_to", "calendar", "ledger_account")


class Parties(NamedTuple):
    """Whose money it is, where it is sold, where it lies."""

    entities: tuple[Entity, ...]
    stores: tuple[Store, ...]
    accounts: tuple[Account, ...]


def read_parties(file: Path, data: Mapping[str, Any], drafts: list[Draft], base_currency: str) -> Parties:
    """Everything the file defines plus what its connections create; every reference is checked."""
    entities = _entities(file, data, drafts)
    stores = _stores(file, data, drafts, entities)
    accounts = _accounts(file, data, drafts, entities=entities, stores=stores, base_currency=base_currency)
    stores = tuple(_with_money(store, drafts, accounts) for store in stores)
    accounts = (*accounts, *_made_channels(stores, drafts, accounts, base_currency))
    stores = tuple(
        replace(store, payments=(store.code,)) if _needs_channel(store, drafts) else store for store in stores
    )
    _check_references(file, stores, accounts)
    return Parties(entities, stores, accounts)


def _unique(file: Path, kind: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise SettingsError(file, f"[[{kind}]] {code}", "is defined twice; codes must be unique")
        seen.add(code)


def _entities(file: Path, data: Mapping[str, Any], drafts: list[Draft]) -> tuple[Entity, ...]:
    found = []
    for where, item in tables(file, data, "entity"):
        section = Section(file, where, item, ("code", "name", "taxpayer", "accounting_standard"))
        code = section.text("code")
        taxpayer = section.choice("taxpayer", ("general", "small_scale"), "general")
        standard = section.choice("accounting_standard", ("cas", "sbe"), "cas")
        found.append(Entity(code, section.text("name", code), cast("Any", taxpayer), cast("Any", standard)))
    _unique(file, "entity", (entity.code for entity in found))
    if found:
        return tuple(found)
    named = sorted({draft.entity for draft in drafts if draft.entity} or {"main"})
    return tuple(Entity(code, code) for code in named)


def _entity_of(section_error: SettingsError, code: str | None, entities: tuple[Entity, ...]) -> str:
    if code is None and len(entities) == 1:
        return entities[0].code
    if code is None or all(code != entity.code for entity in entities):
        raise section_error
    return code


def _entity_error(file: Path, where: str, code: str | None, entities: tuple[Entity, ...]) -> SettingsError:
    names = ", ".join(entity.code for entity in entities)
    said = "is missing" if code is None else f"{code!r} is no [[entity]]"
    return SettingsError(file, f"{where} entity", f"{said}; use one of {names}")


def _pick_entity(file: Path, where: str, code: str | None, entities: tuple[Entity, ...]) -> str:
    return _entity_of(_entity_error(file, where, code, entities), code, entities)


def _created(file: Path, draft: Draft, kind: str, code: str, known: set[str]) -> bool:
    """Whether a connection makes this store or account; a name that is only misspelt is an error."""
    if code in known:
        return False
    if known and draft.platform is None and draft.entity is None:
        raise SettingsError(
            file,
            f"{draft.where} {kind}",
            f"{code!r} is no [[{kind}]]; use one of {', '.join(sorted(known))} or define it",
        )
    return True


def _stores(
    file: Path, data: Mapping[str, Any], drafts: list[Draft], entities: tuple[Entity, ...]
) -> tuple[Store, ...]:
    found = []
    for where, item in tables(file, data, "store"):
        section = Section(file, where, item, STORE_KEYS)
        platform = section.choice("platform", PLATFORMS)
        money = section.choice("money", ("platform", "channel"), _default_money(platform))
        entity = _pick_entity(file, where, section.optional_text("entity"), entities)
        into = section.optional_text("settles_into")
        store = Store(section.text("code"), entity, platform, cast("Money", money), into, section.texts("payments"))
        if store.money == "platform" and store.payments:
            raise section.error("payments", 'is for money = "channel" only; a platform store has settles_into')
        found.append(store)
    _unique(file, "store", (store.code for store in found))
    written = {store.code for store in found}
    made: dict[str, Store] = {}
    for draft in drafts:
        if draft.store and draft.store not in made and _created(file, draft, "store", draft.store, written):
            platform = draft.platform or draft.source.platform or "own_site"
            entity = _pick_entity(file, draft.where, draft.entity, entities)
            made[draft.store] = Store(draft.store, entity, platform, cast("Money", _default_money(platform)))
    return (*found, *made.values())


def _default_money(platform: str) -> str:
    return "channel" if platform in CHANNEL_STORES else "platform"


def _accounts(
    file: Path,
    data: Mapping[str, Any],
    drafts: list[Draft],
    *,
    entities: tuple[Entity, ...],
    stores: tuple[Store, ...],
    base_currency: str,
) -> tuple[Account, ...]:
    found = []
    for where, item in tables(file, data, "account"):
        section = Section(file, where, item, ACCOUNT_KEYS)
        code = section.text("code")
        kind = section.choice("kind", KINDS, _default_kind(code, drafts))
        platform = section.choice("platform", PLATFORMS, _default_platform(code, kind, drafts, stores))
        currency = read_currency(section, base_currency)
        account = Account(
            code=code,
            entity=_pick_entity(file, where, section.optional_text("entity"), entities),
            platform=platform,
            kind=cast("AccountKind", kind),
            currency=currency,
            pays_out_to=section.optional_text("pays_out_to"),
            calendar=section.text("calendar", "CN"),
            ledger_account=section.text("ledger_account", _ledger_account(platform, kind, currency, base_currency)),
        )
        found.append(account)
    _unique(file, "account", (account.code for account in found))
    written = {account.code for account in found}
    made: dict[str, Account] = {}
    for draft in drafts:
        if draft.account and draft.account not in made and _created(file, draft, "account", draft.account, written):
            kind = _default_kind(draft.account, drafts)
            platform = draft.platform or _default_platform(draft.account, kind, drafts, stores)
            currency = draft.currency or base_currency
            entity = _pick_entity(file, draft.where, draft.entity, entities)
            ledger = _ledger_account(platform, kind, currency, base_currency)
            made[draft.account] = Account(
                draft.account, entity, platform, cast("AccountKind", kind), currency, ledger_account=ledger
            )
    return (*found, *made.values())


def _default_kind(code: str, drafts: list[Draft]) -> str:
    kinds = [draft.source.account_kind for draft in drafts if draft.account == code and draft.source.account_kind]
    if kinds:
        return str(kinds[0])
    platforms = [draft.platform for draft in drafts if draft.account == code and draft.platform]
    return {"bank": "bank", "wechatpay": "channel"}.get(platforms[0], "wallet") if platforms else "wallet"


def _default_platform(code: str, kind: str, drafts: list[Draft], stores: tuple[Store, ...]) -> str:
    if kind == "bank":
        return "bank"
    for draft in drafts:
        if draft.account == code and (draft.platform or draft.source.account_kind):
            return draft.platform or draft.source.platform
    for store in stores:
        if store.settles_into == code:
            return store.platform
    return "own_site"


def _ledger_account(platform: str, kind: str, currency: str, base_currency: str) -> str:
    if kind == "bank":
        return "100201" if currency == base_currency else "100202"
    return LEDGER_ACCOUNTS.get(platform, "101201")


def _with_money(store: Store, drafts: list[Draft], accounts: tuple[Account, ...]) -> Store:
    """Fill in where a store's money goes when the file leaves it open and a connection says it."""
    if store.settles_into or store.payments:
        return store
    beside = [draft.account for draft in drafts if draft.store == store.code and draft.account]
    if store.money == "platform":
        own = [item.code for item in accounts if item.platform == store.platform and item.entity == store.entity]
        into = [*beside, *(own if len(own) == 1 else [])]
        return replace(store, settles_into=into[0] if into else None)
    channels = [item.code for item in accounts if item.kind == "channel" and item.entity == store.entity]
    wallets = [item.code for item in accounts if item.platform == "alipay" and item.entity == store.entity]
    return replace(store, payments=tuple(dict.fromkeys(beside or (*channels, *wallets))))


def _needs_channel(store: Store, drafts: list[Draft]) -> bool:
    """A store whose payments arrive in files that name no account gets a channel of its own."""
    if store.money != "channel" or store.payments:
        return False
    return any(draft.store == store.code and draft.source.name == "files" for draft in drafts)


def _made_channels(
    stores: tuple[Store, ...], drafts: list[Draft], accounts: tuple[Account, ...], base_currency: str
) -> list[Account]:
    taken = {account.code for account in accounts}
    return [
        Account(store.code, store.entity, store.platform, "channel", base_currency, ledger_account="101201")
        for store in stores
        if _needs_channel(store, drafts) and store.code not in taken
    ]


def _check_references(file: Path, stores: tuple[Store, ...], accounts: tuple[Account, ...]) -> None:
    known = {account.code for account in accounts}
    names = ", ".join(sorted(known)) or "none"
    for store in stores:
        for code in (store.settles_into, *store.payments):
            if code is not None and code not in known:
                raise SettingsError(file, f"[[store]] {store.code}", f"{code!r} is no [[account]]; there are {names}")
    for account in accounts:
        if account.pays_out_to is not None and account.pays_out_to not in known:
            raise SettingsError(
                file,
                f"[[account]] {account.code} pays_out_to",
                f"{account.pays_out_to!r} is no [[account]]; there are {names}",
            )
