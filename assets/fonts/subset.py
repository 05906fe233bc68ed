"""Makes the faces in this folder from Inter 4 (https://rsms.me/inter) and JetBrains Mono 2
(https://github.com/JetBrains/JetBrainsMono).

Usage: python3 subset.py FOLDER_WITH_INTER_OTF FOLDER_WITH_JETBRAINS_MONO_TTF
(needs: pip install fonttools)

Latin, Cyrillic, punctuation and arrows are kept; digits of Inter become the tabular ones, so that
timers and numbers don't jump. The ligatures of JetBrains Mono go: rules show every character.
"""
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x2B0, 0x2DD), (0x300, 0x304), (0x306, 0x30C),
    (0x400, 0x45F), (0x490, 0x4F9), (0x2010, 0x2027), (0x202F, 0x203A), (0x2044, 0x2044),
    (0x20AC, 0x20AC), (0x20BD, 0x20BD), (0x2116, 0x2116), (0x2122, 0x2122),
    (0x2190, 0x2199), (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2265),
    (0x25B2, 0x25C6), (0x25CB, 0x25CF), (0x2713, 0x2717),
]
here = Path(__file__).parent
source, mono = map(Path, sys.argv[1:])


def keep(font, features, name):
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for a, b in RANGES for c in range(a, b + 1)])
    subsetter.subset(font)
    font.save(here / name)


for weight in ("Regular", "Medium", "SemiBold"):
    font = TTFont(source / f"Inter-{weight}.otf")
    single = {}
    for record in font["GSUB"].table.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for table in font["GSUB"].table.LookupList.Lookup[index].SubTable:
                    table = getattr(table, "ExtSubTable", table)
                    single.update(table.mapping)
    for table in font["cmap"].tables:
        for code in range(0x30, 0x3A):
            if code in table.cmap:
                table.cmap[code] = single.get(table.cmap[code], table.cmap[code])
    keep(font, ["kern", "mark", "mkmk", "ccmp", "locl"], f"Inter-{weight}.otf")

keep(TTFont(mono / "JetBrainsMono-Regular.ttf"), ["mark", "mkmk", "ccmp", "locl"], "JetBrainsMono-Regular.ttf")
