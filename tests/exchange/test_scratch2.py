import time
from tests.exchange.test_scratch import *
import sqlalchemy as sa
from catalogue.systems.models import *
def test_raw(session, make_agency, store):
    load_capabilities(session); load_suppliers(session); load_products(session); session.commit()
    a=make_agency("bedfordshire-police")
    run(session,a,made(10000))
    dump={}
    for m in (System,SystemCapability,SystemExternalId):
        t=m.__table__; dump[m]=[dict(r._mapping) for r in session.execute(sa.select(t))]
    def clear():
        session.execute(sa.delete(System.__table__)); session.commit()
        with session.get_bind().connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            if store.name=="postgresql": c.exec_driver_sql("vacuum analyze system")
    clear()
    t=time.perf_counter()
    for m,rows in dump.items():
        t1=time.perf_counter(); session.execute(sa.insert(m.__table__),rows); print("core executemany",m.__tablename__,round(time.perf_counter()-t1,2))
    session.commit(); print("core total",time.perf_counter()-t); clear()
    t=time.perf_counter()
    for m,rows in dump.items():
        t1=time.perf_counter(); session.execute(sa.insert(m),rows); print("orm bulk",m.__tablename__,round(time.perf_counter()-t1,2))
    session.commit(); print("orm bulk total",time.perf_counter()-t); clear()
    if store.name=="postgresql":
        raw=session.connection().connection.driver_connection
        import orjson
        t=time.perf_counter()
        for m,rows in dump.items():
            t1=time.perf_counter()
            cols=list(m.__table__.c)
            js={c.name for c in cols if isinstance(c.type, sa.JSON)}
            with raw.cursor() as cur, cur.copy(f"copy {m.__tablename__} ({','.join(c.name for c in cols)}) from stdin") as cp:
                for r in rows: cp.write_row([orjson.dumps(r[c.name]).decode() if c.name in js else (r[c.name].value if hasattr(r[c.name],'value') else r[c.name]) for c in cols])
            print("copy",m.__tablename__,round(time.perf_counter()-t1,2))
        session.commit(); print("copy total",time.perf_counter()-t); clear()
        session.execute(sa.text("drop index ix_system_search_text")); 
        t1=time.perf_counter(); session.execute(sa.insert(System.__table__),dump[System]); print("no gin core executemany",round(time.perf_counter()-t1,2)); session.rollback()
