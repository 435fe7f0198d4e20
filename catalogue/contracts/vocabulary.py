"""The enumerations that describe contracts and costs."""

from enum import StrEnum

LONGEST_NOTICE = 1095
"""Days: three years. What is longer than most contracts run is a slip of the keyboard."""

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
    """.split()  # noqa: SIM905 - one would read a list of quoted codes no better
)
"""The currencies of ISO 4217 that are money of some country or union of countries."""


class ProcurementRoute(StrEnum):
    """By which route a contract was let."""

    FRAMEWORK_CALL_OFF = "framework_call_off"
    FRAMEWORK_DIRECT_AWARD = "framework_direct_award"
    OPEN = "open"
    COMPETITIVE_FLEXIBLE = "competitive_flexible"
    DIRECT_AWARD = "direct_award"
    BELOW_THRESHOLD = "below_threshold"
    COLLABORATIVE_LEAD_FORCE = "collaborative_lead_force"


class ProcurementRegime(StrEnum):
    """The law that a contract was let under, and stays under: that of 2015, or of 2023."""

    PCR_2015 = "pcr_2015"
    PROCUREMENT_ACT_2023 = "procurement_act_2023"


class CostCategory(StrEnum):
    """What kind of cost a line is: whether it comes once, comes back, or comes of moving."""

    ONE_OFF_CAPITAL = "one_off_capital"
    ONE_OFF_REVENUE = "one_off_revenue"
    RECURRING_REVENUE = "recurring_revenue"
    EXIT_COST = "exit_cost"
    DECOMMISSIONING = "decommissioning"
    DUAL_RUNNING = "dual_running"
