"""An application register as an IT manager keeps it, with the values that an import must read.

The register is invented. Its habits are not: titles above the table, two rows of headings, section
rows, dates as text and as dates, approximate numbers, hidden and merged cells, a total and a key.
"""

from datetime import date
from typing import Any

from tests.data_exchange.spreadsheets import xlsx

HEADINGS = (
    "Ref", "System Name", "Supplier(s)", "Version", "What it's for", "Current Status", "Go Live",
    "Support\nends", "Hosted", "Business criticality", "No. of Users", "Business Owner",
    "Tech Lead", "Cost centre", "Annual cost (£)", "Protective marking", "Personal data?", "Notes",
)  # fmt: skip
GROUPS = (
    ("A5:E5", "Application"), ("F5:H5", "Lifecycle"), ("I5:K5", "Service"), ("L5:M5", "People"),
    ("N5:O5", "Money"), ("P5:R5", "Information"),
)  # fmt: skip
HIDDEN = {"BP-016", "BP-033", "BP-034"}
ROWS: tuple[Any, ...] = (
    "OPERATIONAL POLICING",
    ("BP-001", "Niche RMS", "NicheRMS Ltd", "6.08", "Crime, intel, custody & case", "BAU",
     "01/04/24", date(2028, 3, 31), "On prem", "Mission critical", 1850, "ACC Crime",
     "D. Okafor", "C4410", 412000, "OFFICIAL-SENSITIVE", "Yes", "Athena replacement"),
    ("BP-002", "STORM", "Sopra Steria", "4.2", "Command and control", "BAU", date(2011, 6, 1),
     "31/12/2027", "On-Prem", "Critical", 240, "Supt Contact Mgmt", "P. Lewis", "C4411", 298500,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-003", "Pronto", "Motorola Solutions", None, "Mobile\nnotebook", "BAU",
     date(2017, 9, 18), None, "SaaS", "High", "approx 1,200", "Ch Supt Ops", "P. Lewis", "C4411",
     155000, "Official-Sensitive", "Y", "Contract with Motorola & BT"),
    ("BP-004", "Socrates", "Dyfed Sys", "7", "Forensic case management", "Legacy", "2009",
     "31/03/2025", "On premise", "Medium", "60", "Vacant", "TBC", "C4420", 18200, "OFFICIAL",
     "Y", "Being replaced - see BP-031"),
    ("BP-005", "Chronicle", "Chronicle Software; Bytes", "n/a", "Firearms training records",
     "BAU", "Apr 2016", None, "Supplier hosted", "High", "400+", "Head of Firearms", "S. Patel",
     "C4432", 22750, "OFFICIAL-SENSITIVE", "Yes", None),
    ("BP-006", "HOLMES 2", "Unisys", "19.4", "Major incident investigation", "BAU",
     date(2004, 1, 5), None, "National", "Critical", 85, "Head of MCU", "D. Okafor", "C4420",
     61000, "OFFICIAL-SENSITIVE", "Y", "Moving to HOLMES 3 when the Home Office says so"),
    ("BP-007", "PND", "CGI", None, "Police National Database", "BAU", "22/06/2011", None,
     "National system", "Critical", "c. 150", "Head of Intel", "TBC", "C4420", None,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-008", "ViSOR", "Home Office", None, "Register of dangerous persons", "BAU", None, None,
     "National", "Critical", 45, "Head of PPU", "TBC", "C4421", None, "OFFICIAL-SENSITIVE", "Y",
     None),
    ("BP-009", "iBase", "i2 Group", "9.1", "Intelligence analysis", "Legacy", date(2008, 2, 11),
     "30/06/2024", "On prem", "Low", 12, "Vacant", "S. Patel", "C4421", 9400,
     "OFFICIAL-SENSITIVE", "Y", "Ask Intel if still needed"),
    ("BP-010", "Evidence.com", "Axon Enterprises", None, "Body worn video", "BAU", "14/05/19",
     date(2026, 5, 13), "SaaS", "High", 1400, "Ch Supt Ops", "P. Lewis", "C4411", 187000,
     "OFFICIAL", "Y", "5 year deal"),
    ("BP-011", "NICE Investigate", "NICE Systems", None, "Digital evidence management", "BAU",
     "06/11/2018", "05/11/2025", "SaaS", "High", 1600, "Head of CJ", "P. Lewis", "C4411", 143000,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-012", "Red Box Recorders", "Red Box (now Uniphore)", "2",
     "Call recording in\ncontact centre", "BAU", date(2013, 8, 1), None, "On prem", "High", 110,
     "Supt Contact Mgmt", "D. Okafor", "C4411", 31000, "OFFICIAL", "Y", None),
    "CORPORATE",
    ("BP-013", "Origin HR", "Capita", "19", "HR and payroll", "BAU", "01/04/2010",
     date(2025, 9, 30), "On prem", "High", 90, "Head of People", "A. Green", "C2210", 84000,
     "OFFICIAL-SENSITIVE", "Yes", "Replaced by ERP one day"),
    ("BP-014", "GRS", "Crown Computing", "10.3", "Duty management", "BAU", date(2012, 1, 30),
     "31/12/2026", "On prem", "High", 1900, "Head of Resourcing", "A. Green", "C2210", 56000,
     "OFFICIAL", "Y", None),
    ("BP-015", "Agresso", "Unit 4", "M5", "Finance", "BAU", "01/04/2007", None, "Managed",
     "High", 75, "CFO", "A. Green", "C2200", 97000, "OFFICIAL", "N", None),
    ("BP-016", "Oracle EBS", "Oracle", "12.1", "Old finance (Herts)", "Decom'd 2021", "2003",
     date(2021, 12, 31), "On prem", "Low", 0, "CFO", "A. Green", "C2200", 0, "OFFICIAL", "N",
     "Switched off Dec 21"),
    ("BP-017", "Tranman", "Civica", "9", "Fleet management", "BAU", "15/10/2009", None,
     "On prem", "Medium", 35, "Head of Fleet", "S. Patel", "C2230", 14500, "OFFICIAL", "N",
     None),
    ("BP-018", "Concept Evolution", "FSI (FM Solutions)", None, "Facilities helpdesk", "BAU",
     date(2015, 3, 2), None, "SaaS", "Low", 400, "Head of Estates", "S. Patel", "C2231", 12100,
     "OFFICIAL", "N", None),
    ("BP-019", "Centurion", "FIS", "5.4", "Complaints and misconduct", "BAU", date(2006, 7, 17),
     None, "On prem", "Medium", 28, "Head of PSD", "D. Okafor", "C2240", 16300,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-020", "CoreVet", "Core Vetting", None, "Vetting", "Legacy", date(2010, 5, 10),
     "31/03/2026", "On prem", "Medium", "approx 20", "Vacant", "D. Okafor", "C2240", 8900,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-021", "Firearms Licensing (NFLMS)", "Home Office", None, "Firearms licensing", "BAU",
     None, None, "National", "High", 30, "Head of FEU", "TBC", "C4432", None, "OFFICIAL", "Y",
     None),
    ("BP-022", "Ideagen Q-Pulse", "Ideagen", "7.2", "Quality management", "BAU", "11/02/2020",
     None, "SaaS", "Low", 55, "Head of Forensics", "S. Patel", "C4420", 11800, "OFFICIAL", "N",
     None),
    ("BP-023", "SharePoint intranet", "Microsft", None, "Intranet", "BAU", date(2019, 11, 4),
     None, "SaaS", "Medium", 2400, "Head of Comms", "P. Lewis", "C2250", None, "OFFICIAL", "N",
     "part of M365"),
    ("BP-024", "Microsoft 365", "Microsoft", None, "Email, Teams, Office", "BAU",
     date(2019, 11, 4), None, "SaaS", "Critical", 2400, "Head of ICT", "P. Lewis", "C2250",
     640000, "OFFICIAL", "Y", None),
    ("BP-025", "Lotus Notes", "HCL", "9", "Old email archive", "Read only", "1999", None,
     "On prem", "Low", 5, "Head of ICT", "P. Lewis", "C2250", 4000, "OFFICIAL", "Y",
     "Needed for disclosure until 2027"),
    "IN FLIGHT / PROJECTS",
    ("BP-026", "ERP (Fusion)", "Oracle / Accenture", None, "HR, finance & duties in one",
     "On hold", None, None, "SaaS", "High", None, "CFO", "A. Green", "C2200", None, "OFFICIAL",
     "Y", "On hold pending merger"),
    ("BP-027", "Digital Case File", "TBC", None, "National digital case file", "In flight",
     "TBC", None, "National", "High", None, "Head of CJ", "TBC", "C4421", None,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-028", "Single Online Home", "Met Police", None, "Public website", "BAU",
     date(2020, 3, 16), None, "National", "High", "N/A", "Head of Comms", "P. Lewis", "C2250",
     73000, "OFFICIAL", "Y", None),
    ("BP-029", "ControlWorks", "Capita", None, "Possible STORM replacement", "On hold", None,
     None, "On prem", "Critical", None, "Supt Contact Mgmt", "P. Lewis", "C4411", None,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-030", "ICCS DS3000", "Capita", "1.8", "Radio and telephony", "BAU", date(2014, 10, 20),
     "31/10/2026", "On prem", "Critical", 64, "Supt Contact Mgmt", "D. Okafor", "C4411", 121000,
     "OFFICIAL-SENSITIVE", "N", "ESN ready? ask Capita"),
    ("BP-031", "Forensic case mgmt (new)", "Niche\nBlack Rainbow", None, "Replaces Socrates",
     "In flight", "01/09/26", None, "SaaS", "Medium", 60, "Head of Forensics", "TBC", "C4420",
     None, "OFFICIAL-SENSITIVE", "Y", None),
    "LEGACY AND RETIRED",
    ("BP-032", "Genie", "In-house", None, "Search across old systems", "Legacy", "2002", None,
     "On prem", "Low", "unknown", "Vacant", "TBC", "C4421", 0, "OFFICIAL-SENSITIVE", "Y",
     "Nobody knows how it works"),
    ("BP-033", "CIS (old crime)", "Bull / Atos", "3", "Crime recording before Athena",
     "Decom'd 2015", "01/01/1996", None, "On prem", "Low", 0, "N/A", None, "C4421", 0,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-034", "OIS", "Northgate", None, "Old command and control", "Decom'd 2011", "01/05/1998",
     date(2011, 5, 31), "On prem", "Low", 0, "-", None, "C4411", 0, "OFFICIAL", "Y", None),
    ("BP-035", "VIPER", "WYP", None, "ID parades", "BAU", date(2005, 9, 12), None,
     "Managed service", "Medium", 130, "Head of CJ", "TBC", "C4421", 27500, "OFFICIAL-SENSITIVE",
     "Y", None),
    ("BP-036", "Connect Express", "NEC Software Solutions (formerly Northgate)", "5",
     "Mapping / GIS", "BAU", date(2016, 2, 29), None, "Hybrid", "Medium", "200-250",
     "Head of Intel", "S. Patel", "C4421", 33000, "OFFICIAL", "N", None),
    ("BP-037", "Cellebrite UFED", "Cellebrite", None, "Phone downloads", "BAU", "29/02/2016",
     None, "On prem", "High", 40, "Head of Forensics", "S. Patel", "C4420", 47000,
     "OFFICIAL-SENSITIVE", "Y", None),
    ("BP-038", "AutoCAD", "AutoDesk", 2022, "Estates plans", "BAU", date(2022, 1, 10), None,
     "Laptop", "Low", 3, "Head of Estates", "S. Patel", "C2231", 5100, "OFFICIAL", "N", None),
    ("BP-039", "Crystal Reports", "SAP", 11, "MI reports", "Legacy", "2006", "31/12/2020",
     "Server", "Low", "10ish", "Vacant", "D. Okafor", "C2250", 0, "OFFICIAL", "N",
     "Power BI instead"),
    ("BP-040", "Command+", "Kirona ", None, "Special constable portal", "BAU", date(2021, 6, 1),
     None, "SaaS", "Low", 210, "Head of Citizens in Policing", "P. Lewis", "C2210", 7600,
     "OFFICIAL", "Y", None),
)  # fmt: skip
"""A row for each system, and a text for the heading of each section."""

SYSTEMS = [dict(zip(HEADINGS, row, strict=True)) for row in ROWS if isinstance(row, tuple)]
FIELDS = {
    "System Name": "name", "Supplier(s)": "supplier_name", "Version": "product_version",
    "What it's for": "description", "Current Status": "lifecycle", "Go Live": "live_from",
    "Support\nends": "end_of_support", "Hosted": "hosting", "Business criticality": "criticality",
    "No. of Users": "user_count", "Business Owner": "business_owner",
    "Tech Lead": "technical_owner", "Cost centre": "attributes.cost_centre",
    "Protective marking": "classification", "Personal data?": "personal_data",
    "Notes": "attributes.notes",
}  # fmt: skip
"""The field that each column fills."""
MEANINGS: dict[str, dict[Any, str]] = {
    "product_version": {"n/a": ""},
    "lifecycle": {
        "BAU": "live", "Legacy": "sunsetting", "On hold": "planned", "In flight": "implementing",
        "Read only": "read_only_archive", "Decom'd 2021": "decommissioned",
        "Decom'd 2015": "decommissioned", "Decom'd 2011": "decommissioned",
    },
    "live_from": {
        "01/04/24": "2024-04-01", "2009": "2009-01-01", "Apr 2016": "2016-04-01",
        "22/06/2011": "2011-06-22", "14/05/19": "2019-05-14", "06/11/2018": "2018-11-06",
        "01/04/2010": "2010-04-01", "01/04/2007": "2007-04-01", "2003": "2003-01-01",
        "15/10/2009": "2009-10-15", "11/02/2020": "2020-02-11", "1999": "1999-01-01",
        "01/09/26": "2026-09-01", "2002": "2002-01-01", "01/01/1996": "1996-01-01",
        "01/05/1998": "1998-05-01", "29/02/2016": "2016-02-29", "2006": "2006-01-01", "TBC": "",
    },
    "end_of_support": {
        "31/12/2027": "2027-12-31", "31/03/2025": "2025-03-31", "30/06/2024": "2024-06-30",
        "05/11/2025": "2025-11-05", "31/12/2026": "2026-12-31", "31/03/2026": "2026-03-31",
        "31/10/2026": "2026-10-31", "31/12/2020": "2020-12-31",
    },
    "hosting": {
        "On prem": "on_premise", "On-Prem": "on_premise", "On premise": "on_premise",
        "Laptop": "on_premise", "Server": "on_premise", "SaaS": "saas", "Hybrid": "hybrid",
        "Supplier hosted": "managed_service", "Managed": "managed_service",
        "Managed service": "managed_service", "National": "national_system",
        "National system": "national_system",
    },
    "criticality": {
        "Mission critical": "mission_critical", "Critical": "mission_critical",
        "High": "business_critical", "Medium": "business_operational", "Low": "administrative",
    },
    "user_count": {
        "approx 1,200": "1200", "400+": "400", "c. 150": "150", "approx 20": "20", "10ish": "10",
        "200-250": "250", "N/A": "", "unknown": "",
    },
    "supplier_name": {
        "Microsft": "Microsoft", "Oracle / Accenture": "Oracle", "Bull / Atos": "Atos",
        "Chronicle Software; Bytes": "Chronicle Software",
        "Niche\nBlack Rainbow": "Niche Black Rainbow", "Kirona ": "Kirona", "TBC": "",
    },
    "business_owner": {"Vacant": "", "N/A": "", "-": ""},
    "technical_owner": {"TBC": ""},
    "classification": {
        "OFFICIAL": "official", "OFFICIAL-SENSITIVE": "official_sensitive",
        "Official-Sensitive": "official_sensitive",
    },
    "personal_data": {"Yes": "personal", "Y": "personal", "N": "none"},
}  # fmt: skip
"""The exported text of each cell that is not exported as it stands."""


def expected_system(row: dict[str, Any]) -> dict[str, str]:
    """Return the fields of a row as an export must write them."""
    fields = {"external_ids": f'"source: ict-register, id: {row["Ref"]}"'}
    for heading, field in FIELDS.items():
        cell = row[heading]
        fields[field] = MEANINGS.get(field, {}).get(cell, "" if cell is None else str(cell))
    return fields


def messy_workbook() -> bytes:
    """Build the workbook, with a sheet of contacts and a hidden sheet of choices."""
    return xlsx(
        ("App register", _fill_register),
        ("Contacts", [["Name", "Role", "Ext."], ["P. Lewis", "Applications", "2214"]]),
        ("Lists", _fill_lists),
    )


def _fill_register(sheet: Any, book: Any) -> None:
    day = book.add_format({"num_format": "dd/mm/yy"})
    pounds = book.add_format({"num_format": "£#,##0"})
    sheet.merge_range("A1:R1", "Bedfordshire Police – ICT Application Register")
    sheet.write("A2", "OFFICIAL  -  owner: J Hughes, ICT Service Delivery.  DO NOT SORT")
    sheet.write_row("A3", ["Last updated"])
    sheet.write_datetime("B3", date(2024, 4, 12), day)
    for place, title in GROUPS:
        sheet.merge_range(place, title)
    sheet.write_row("A6", HEADINGS)
    row = 6
    for cells in ROWS:
        if isinstance(cells, str):
            sheet.merge_range(row, 0, row, len(HEADINGS) - 1, cells)
        for place, cell in enumerate(cells if isinstance(cells, tuple) else ()):
            if isinstance(cell, date):
                sheet.write_datetime(row, place, cell, day)
            elif cell is not None:
                sheet.write(row, place, cell, *([pounds] if place == 14 else []))
        if cells[0] in HIDDEN:
            sheet.set_row(row, None, None, {"hidden": True})
        row += 1
    sheet.write_row(row, 0, ["TOTAL", "40 systems"])
    sheet.write(row, 10, 13000)
    sheet.write_formula(row, 14, f"=SUM(O7:O{row})", None, 3000000)
    key = "Key: BAU = in service, Legacy = no more changes, On hold = paused, In flight = project"
    sheet.write(row + 2, 0, key)


def _fill_lists(sheet: Any, book: Any) -> None:
    sheet.write_column("A1", ["Status", "BAU", "Legacy", "On hold", "In flight"])
    sheet.hide()
