import pytest
from schemathesis.engine import events, from_schema
from tests.api.surface import BY_NAME
from tests.api.test_schemathesis import configured, loaded, aimed
@pytest.mark.parametrize("name",["list_agencies","list_systems","create_system","get_system"])
@pytest.mark.parametrize("n",[10,60])
def test_x(world,name,n):
    op=BY_NAME[name]
    schema=loaded(configured(world,"fuzzing",examples=n),aimed(world,op)).include(operation_id=name)
    for e in from_schema(schema).execute():
        if isinstance(e,events.ScenarioFinished):
            r=e.recorder
            print(name,n,e.phase,e.status,len(r.interactions),[ (i.response.status_code, str(i.request.uri)[:90]) for i in r.interactions.values()][:12], e.skip_reason)
        elif "Error" in type(e).__name__: print(e)
