"""The enumerations that describe contracts and costs."""

from catalogue.core.vocabulary import Vocabulary

LONGEST_NOTICE = 1095
"""Three years, in days. A longer notice period is most likely a typing error."""

LONGEST_NOTICE_MONTHS = 36
"""Three years too. A notice period is recorded in days or in months."""

LONGEST_RENEWAL = 120
"""Ten years, in months."""

USUAL_RENEWAL = 12
"""The months of a further term, if none are recorded."""

STERLING = "GBP"

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW
    """.split()  # noqa: SIM905 - a list of quoted codes is harder to read
)
"""The ISO 4217 codes of currencies that a country or a union of countries issues."""


class ProcurementRoute(Vocabulary):
    """The procedure through which a contract was awarded, or will be."""

    FRAMEWORK_CALL_OFF = "framework_call_off", "A call-off from a framework agreement."
    FRAMEWORK_DIRECT_AWARD = (
        "framework_direct_award",
        "A direct award to one supplier of a framework agreement.",
    )
    OPEN = "open", "An open procedure, in which any supplier can tender."
    COMPETITIVE_FLEXIBLE = (
        "competitive_flexible",
        "The competitive flexible procedure of the Procurement Act 2023.",
    )
    DIRECT_AWARD = "direct_award", "An award without competition, outside a framework agreement."
    BELOW_THRESHOLD = (
        "below_threshold",
        "A procurement below the value at which the regime applies.",
    )
    COLLABORATIVE_LEAD_FORCE = (
        "collaborative_lead_force",
        "A procurement by a lead force for several agencies.",
    )


class Renewal(Vocabulary):
    """The way in which a contract continues after its end date."""

    NONE = "none", "The contract ends on its end date. No notice is needed."
    OPTION = "option", "The contract ends on its end date, unless the parties agree to extend it."
    AUTOMATIC = (
        "automatic",
        "The contract renews itself for a further term, unless notice is given in time.",
    )


class TermStatus(Vocabulary):
    """The state of a contract's term on the day of the request."""

    NOTICE_DUE = "notice_due", "The last day for notice is still to come, or is today."
    OVERDUE = (
        "overdue",
        "The last day for notice has passed, and the term has not ended: the contract will run on.",
    )
    NOTICE_GIVEN = "notice_given", "Notice was given. The contract ends with the term."
    ENDING = "ending", "The contract ends with the term, without notice."
    RUNNING = (
        "running",
        "The contract runs. The last day for notice follows from no recorded date or period.",
    )
    PAST_END = (
        "past_end",
        "The end date has passed with no renewal or notice recorded: the contract may run on.",
    )
    ENDED = "ended", "The contract has ended."


class NoticeWindow(Vocabulary):
    """The time that is left to give notice."""

    TOO_LATE = (
        "too_late",
        "The last day for notice has passed, or the contract is past its end: it runs on.",
    )
    THIS_MONTH = "this_month", "The last day for notice is in this calendar month."
    LATER = "later", "The last day for notice is after this calendar month."


class ProcurementRegime(Vocabulary):
    """The procurement law that applies to a contract from its award to its end."""

    PCR_2015 = "pcr_2015", "The Public Contracts Regulations 2015."
    PROCUREMENT_ACT_2023 = "procurement_act_2023", "The Procurement Act 2023."


class CostCategory(Vocabulary):
    """The kind of cost: one-off, recurring, or caused by a migration."""

    ONE_OFF_CAPITAL = (
        "one_off_capital",
        "Capital spending that occurs once, such as a purchase of hardware.",
    )
    ONE_OFF_REVENUE = (
        "one_off_revenue",
        "Revenue spending that occurs once, such as an installation.",
    )
    RECURRING_REVENUE = (
        "recurring_revenue",
        "Revenue spending in every year, such as licences and support.",
    )
    EXIT_COST = "exit_cost", "The cost of leaving a contract early."
    DECOMMISSIONING = "decommissioning", "The cost of taking the system out of service."
    DUAL_RUNNING = "dual_running", "The cost of running the system beside its successor."
