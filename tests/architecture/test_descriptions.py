"""Every model is described, owned and tested; every published column says what it holds."""

EMPTY = {"depends_on": {"nodes": []}}


def _room(node):
    return node["fqn"][1]


def test_every_model_says_its_grain(dbt_models):
    wrong = [
        node["name"]
        for node in dbt_models.values()
        if not node["description"].startswith(("One row per ", "One row: "))
    ]
    assert wrong == []


def test_every_model_has_an_owner(manifest, dbt_models):
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    wrong = [node["name"] for node in dbt_models.values() if not owners.get(node["config"].get("group") or "")]
    assert wrong == []


def _tested(node):
    """A test on a column holds that column's model; a test of its own SQL holds every model it reads."""
    attached = node.get("attached_node")
    return [attached] if attached else node["depends_on"]["nodes"]


def test_every_model_is_tested_itself_or_where_it_is_gathered(manifest, dbt_models):
    """A step of matching counts as tested by its unit tests, or by the tests of a model that reads it directly."""
    tested = {key for node in manifest["nodes"].values() if node["resource_type"] == "test" for key in _tested(node)}
    tested |= {key for node in manifest["unit_tests"].values() for key in node["depends_on"]["nodes"]}
    gathered = {parent for key in tested for parent in dbt_models.get(key, EMPTY)["depends_on"]["nodes"]}
    views = {
        key
        for key, node in dbt_models.items()
        if node["config"]["materialized"] == "view" and set(node["depends_on"]["nodes"]) <= tested
    }
    wrong = [
        node["name"]
        for key, node in dbt_models.items()
        if _room(node) != "staging" and key not in tested | views | (gathered if _room(node) != "marts" else set())
    ]
    assert wrong == []


def test_every_published_table_keeps_its_contract(dbt_models):
    marts = [node for node in dbt_models.values() if _room(node) == "marts"]
    wrong = [node["name"] for node in marts if not node["config"]["contract"]["enforced"]]
    assert wrong == []
    assert all(node["access"] == "public" for node in marts)


def test_every_published_column_is_described_and_typed(dbt_models):
    wrong = [
        f"{node['name']}.{column['name']}"
        for node in dbt_models.values()
        if _room(node) == "marts"
        for column in node["columns"].values()
        if not column["description"] or not column["data_type"]
    ]
    assert wrong == []
    assert all(node["columns"] for node in dbt_models.values() if _room(node) == "marts")


def test_published_money_is_decimal(dbt_models):
    wrong = [
        f"{node['name']}.{column['name']} is {column['data_type']}"
        for node in dbt_models.values()
        if _room(node) == "marts"
        for column in node["columns"].values()
        if column["name"].endswith(("_amount", "_rate", "amount", "_price", "_cost"))
        and not str(column["data_type"]).lower().startswith("decimal(18")
    ]
    assert wrong == []


def test_every_seed_is_described(manifest):
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    assert [node["name"] for node in seeds if not node["description"]] == []
