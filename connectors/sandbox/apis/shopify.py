"""Shopify's GraphQL Admin API as far as a shop's money needs it: orders, balance transactions, payouts.

Refusals of a query come with HTTP 200 and a code in ``extensions``; only a wrong token or path has a status of its
own. Cursors stand for a record's place in the order of its sort key, so a record that moves is met again, not lost.
"""

import base64
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.apis import graphql, shopify_rows
from connectors.sandbox.apis.graphql import GraphError
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_PATH = re.compile(r"/shopify/admin/api/(20[0-9]{2}-(?:01|04|07|10)|unstable)/graphql\.json")
_TERM = re.compile(r"([a-z_]+):(<=|>=|<|>)?'?([^'\s]+)'?")
_MOST = 250
_MOST_POINTS = 1000


def handle(request: Request, scene: Scene) -> Response:
    """Answer one query."""
    if request.method != "POST" or not _PATH.fullmatch(request.path):
        return json_response({"errors": "Not Found"}, 404)
    given = request.header("X-Shopify-Access-Token")
    if not hmac.compare_digest(given.encode(), scene.keys["SHOPIFY_ACCESS_TOKEN"].encode()):
        message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return json_response({"errors": message}, 401)
    if not request.header("Content-Type").startswith("application/json"):
        return json_response({"errors": "Unsupported Media Type"}, 415)
    points = 0
    try:
        asked = json.loads(request.body)
        fields = graphql.read(str(asked["query"]), asked.get("variables") or {})
        points = graphql.cost(fields)
        _check_cost(points)
        data = graphql.pick(_root(scene), fields, "QueryRoot")
    except (ValueError, KeyError, TypeError):
        return json_response({"errors": {"query": "Required parameter missing or invalid"}}, 400)
    except GraphError as error:
        return json_response({"errors": [_error(str(error), error.code)], "extensions": _extensions(points)})
    return json_response({"data": data, "extensions": _extensions(points)})


def _check_cost(points: int) -> None:
    if points > _MOST_POINTS:
        message = f"Query cost is {points}, which exceeds the single query max cost limit ({_MOST_POINTS})"
        raise GraphError(message, "MAX_COST_EXCEEDED")


def _error(message: str, code: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, "documentation": "https://shopify.dev/api/usage"}}


def _extensions(points: int, available: int = 1900) -> dict[str, Any]:
    bucket = {"maximumAvailable": 2000.0, "currentlyAvailable": available, "restoreRate": 100.0}
    return {"cost": {"requestedQueryCost": points, "actualQueryCost": points, "throttleStatus": bucket}}


def limited(scene: Scene) -> Response:
    """The bucket is empty: HTTP 200 all the same."""
    del scene
    return json_response({"errors": [_error("Throttled", "THROTTLED")], "extensions": _extensions(100, available=0)})


def failed(scene: Scene) -> Response:
    """An internal error, with HTTP 200 as well."""
    del scene
    message = "Internal error. Looks like something went wrong on our end."
    return json_response({"errors": [_error(message, "INTERNAL_SERVER_ERROR")]})


def _root(scene: Scene) -> dict[str, Any]:
    account = {
        "id": "gid://shopify/ShopifyPaymentsAccount/1",
        "activated": True,
        "country": "US",
        "defaultCurrency": "USD",
        "balanceTransactions": lambda arguments: _balance(scene, arguments),
        "payouts": lambda arguments: _payouts(scene, arguments),
    }
    return {"orders": lambda arguments: _orders(scene, arguments), "shopifyPaymentsAccount": account}


def _terms(arguments: Mapping[str, Any], known: set[str]) -> list[tuple[str, str, str]]:
    """The filter's terms; one that is not known is passed over without a word, as the platform does."""
    found = [(name, sign, value) for name, sign, value in _TERM.findall(str(arguments.get("query") or ""))]
    return [term for term in found if term[0] in known]


def _window(scene: Scene, terms: Sequence[tuple[str, str, str]]) -> tuple[datetime, datetime]:
    """[first, last) on the world's clock."""
    first, last = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - the world's clock
    for _, sign, value in terms:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        local = moment.astimezone(scene.world.config.timezone).replace(tzinfo=None)
        if sign.startswith(">"):
            first = max(first, local)
        elif sign.startswith("<"):
            last = min(last, local)
    return first, last


def _page(keys: list[tuple[str, str]], arguments: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The ids of a page and its pageInfo; ``keys`` are (sort key, id) in order."""
    size = arguments.get("first")
    if not isinstance(size, int) or not 1 <= size <= _MOST:
        raise GraphError("you must provide one of first or last, between 1 and 250", "BAD_REQUEST")
    after = arguments.get("after")
    if after is not None:
        try:
            place = tuple(json.loads(base64.b64decode(str(after), validate=True)))
        except ValueError as error:
            raise GraphError("Invalid cursor for current pagination sort.", "BAD_REQUEST") from error
        keys = [key for key in keys if key > place]
    chosen = keys[:size]
    end = base64.b64encode(json.dumps(chosen[-1]).encode()).decode() if chosen else None
    info = {"hasNextPage": len(keys) > size, "hasPreviousPage": after is not None, "endCursor": end}
    return [key[1] for key in chosen], info


def _orders(scene: Scene, arguments: Mapping[str, Any]) -> dict[str, Any]:
    ids = [value for name, _, value in _terms(arguments, {"id"}) if name == "id"]
    terms = _terms(arguments, {"updated_at"})
    first, last = _window(scene, terms)
    keys = shopify_rows.order_keys(scene.market, first, last, scene.now, ids)
    chosen, info = _page(keys, arguments)
    records = shopify_rows.orders(scene.market, chosen, scene.now)
    for record in records:
        lines = record["lineItems"]
        record["lineItems"] = _lines_of(lines)
    return {"pageInfo": info, "nodes": records}


def _lines_of(lines: list[dict[str, Any]]) -> graphql.Resolver:
    def resolve(arguments: Mapping[str, Any]) -> dict[str, Any]:
        by_id = {line["id"]: line for line in lines}
        chosen, info = _page([(f"{place:06d}", line["id"]) for place, line in enumerate(lines)], arguments)
        return {"pageInfo": info, "nodes": [by_id[number] for number in chosen]}

    return resolve


def _balance(scene: Scene, arguments: Mapping[str, Any]) -> dict[str, Any]:
    first, last = _window(scene, _terms(arguments, {"processed_at"}))
    records = shopify_rows.balance(scene.market, first, last, scene.now)
    return _listed([(record["transactionDate"], record) for record in records], arguments)


def _payouts(scene: Scene, arguments: Mapping[str, Any]) -> dict[str, Any]:
    first, last = _window(scene, _terms(arguments, {"issued_at"}))
    records = shopify_rows.payouts(scene.market, first, last, scene.now)
    return _listed([(record["issuedAt"], record) for record in records], arguments)


def _listed(found: list[tuple[str, dict[str, Any]]], arguments: Mapping[str, Any]) -> dict[str, Any]:
    by_id = {record["id"]: record for _, record in found}
    chosen, info = _page(sorted((moment, str(record["id"])) for moment, record in found), arguments)
    return {"pageInfo": info, "nodes": [by_id[number] for number in chosen]}


API = Api(handle, limited, limited, failed)
