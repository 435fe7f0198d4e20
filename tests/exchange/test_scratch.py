import csv, io, random, time, cProfile, pstats
import pytest
from catalogue.core.actor import SYSTEM_ACTOR
from catalogue.core.bulk import BulkMode
from catalogue.exchange.operations import *
from catalogue.exchange.mapping import match_columns
from catalogue.exchange.tables import read_table
from catalogue.capabilities.operations import load_capabilities
from catalogue.suppliers.operations import load_suppliers, load_products
from tests.exchange.spreadsheets import *

def made(n):
    r=random.Random(1); o=io.StringIO(); w=csv.writer(o)
    w.writerow("Asset ID,System Name,Description,Vendor,Product,Version,Status,Deployment Type,Users,Go live,Criticality,Owner,Tags,Capability,Classification".split(","))
    for i in range(n):
        w.writerow([f"CI{i:06}",f"System {i} of {r.choice(['custody','fleet','rota'])}","Records what happens in the control room and who was sent where, "*3,f"Vendor {i%300}",f"Product {i%900}",f"{i%9}.{i%4}",r.choice(["Live","Retired","Planned"]),r.choice(["SaaS","Desktop"]),i%5000,"31/12/2020",r.choice(["High","Low"]),"Head of HR","a;b",r.choice(["E01","C02","E04"]),"OFFICIAL"])
    return o.getvalue().encode()

def run(session, a, data, **k):
    c0=time.process_time(); t0=time.perf_counter(); t=read_table(data); t1=time.perf_counter(); m=match_columns(t, capability=capability_lookup(session)); t2=time.perf_counter()
    import os,gc
    if os.environ.get("NOGC"): gc.disable()
    k={"mode":BulkMode.ATOMIC}|k
    rep=import_systems(session, agency=a, table=t, mapping=m, by=SYSTEM_ACTOR, **k); t3=time.perf_counter(); session.commit(); t4=time.perf_counter()
    print(f"CPU {time.process_time()-c0:.2f} read {t1-t0:.2f} map {t2-t1:.2f} load {t3-t2:.2f} commit {t4-t3:.2f}  {len(t.rows)/(t4-t0):.0f}/s", rep.counts(), rep.notice_count, rep.written)
    return rep

import catalogue.exchange.operations as ops
T={}
def timed(cls,name):
    f=getattr(cls,name)
    def g(*a,**k):
        t=time.perf_counter()
        try: return f(*a,**k)
        finally: T[name]=T.get(name,0)+time.perf_counter()-t
    setattr(cls,name,g)
def test_speed(session, make_agency, store):
    import os
    if os.environ.get("IMV"): session.get_bind().dialect.use_insertmanyvalues_wo_returning=True
    for c,n in((ops._Loading,"take"),(ops._Loading,"_create"),(ops._Loading,"_find"),(ops.SystemWriter,"_set_capabilities"),(ops.SystemWriter,"_set_external_ids"),(ops.SystemWriter,"create"),(ops.SystemWriter,"_find_product"),(ops.Acceptance,"check"),(type(session),"expunge"),(type(session),"flush"),(type(session),"add")): timed(c,n)
    load_capabilities(session); load_suppliers(session); load_products(session); session.commit()
    a=make_agency("bedfordshire-police")
    data=made(10000)
    p=cProfile.Profile() if False else None
    print(store.app.extensions["database"].dialect)
    if p: p.enable()
    r=run(session,a,data)
    print([str(x) for x in r.problems[:5]])
    if p: p.disable(); pstats.Stats(p).sort_stats("cumtime").print_stats(45)
    print({k:round(v,2) for k,v in T.items()}); T.clear()
    run(session,a,data)
    print({k:round(v,2) for k,v in T.items()}); T.clear()
    session.expunge_all(); a=make_agency("bedfordshire-police")
    run(session,a,data.replace(b"Head of HR",b"Head of ICT"), source="import")
def test_gsa(session, make_agency, store):
    a=make_agency("kent-police")
    for n in ("2016-08-17","2017-06-07","2018-04-12"):
        d=(REAL_FILES/f"gsa-it-standards-{n}.csv").read_bytes()
        r=run(session,a,d); print([str(x)+str(x.value) for x in r.problems[:3]]+[str(x)+str(x.value) for x in r.notices[:3]],r.created_records[:1],r.updated_records[:2],r.not_seen_records[:1]); run(session,a,d)
    a=make_agency("surrey-police")
    r=run(session,a,(REAL_FILES/"sb272-california.csv").read_bytes()); print([str(x)+str(x.value) for x in r.problems])
