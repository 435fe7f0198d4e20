"""The generated Python client declares a custom field, writes it, and filters and sorts by it."""

from tests.clients.conftest import Generated, Served


def test_generated_client_uses_a_declared_field(generated: Generated, served: Served) -> None:
    models = generated.module("models")
    connect = generated.module("client").AuthenticatedClient
    with connect(base_url=served.address, token=served.token()) as api:
        declared = generated.module("api.custom_fields.create_custom_field").sync(
            client=api,
            body=models.CustomFieldCreate(
                record=models.CustomFieldRecord.SYSTEM,
                key="licences",
                label="Licences",
                type_=models.CustomFieldType.INTEGER,
            ),
        )
        assert (declared.key, declared.for_all_agencies) == ("licences", False)

        create = generated.module("api.systems.create_system").sync_detailed
        answers = []
        for name, licences in (("Fleet", 20), ("Payroll", 5), ("Rostering", "twelve")):
            attributes = models.SystemCreateAttributes()
            attributes["licences"] = licences
            body = models.SystemCreate(
                name=name, lifecycle=models.Lifecycle.LIVE, attributes=attributes
            )
            answers.append(create(client=api, body=body))
        assert [answer.status_code for answer in answers] == [201, 201, 422]
        assert answers[-1].parsed.errors[0].pointer == "/attributes/licences"

        found = generated.module("api.systems.get_system").sync(answers[0].parsed.id, client=api)
        assert found.attributes["licences"] == 20

        filters = models.ListSystemsAttributes()
        filters["attributes.licences__gte"] = "5"
        page = generated.module("api.systems.list_systems").sync(
            client=api, attributes=filters, sort="attributes.licences"
        )
        assert [item.name for item in page.items] == ["Payroll", "Fleet"]
