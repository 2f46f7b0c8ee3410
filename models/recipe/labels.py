"""Readable names of the Caltech-101 classes."""

# Folder names that do not become a readable name by a space for each underscore.
EXCEPTIONS = {
    "Faces": "face",
    "Leopards": "leopard",
    "Motorbikes": "motorbike",
    "airplanes": "airplane",
    "binocular": "binoculars",
    "buddha": "Buddha",
    "car_side": "car, side view",
    "cougar_body": "cougar, whole body",
    "cougar_face": "cougar, face",
    "crocodile_head": "crocodile, head",
    "flamingo_head": "flamingo, head",
    "garfield": "Garfield",
    "hawksbill": "hawksbill turtle",
    "headphone": "headphones",
    "joshua_tree": "Joshua tree",
    "sea_horse": "seahorse",
    "snoopy": "Snoopy",
    "water_lilly": "water lily",
    "wild_cat": "wildcat",
    "windsor_chair": "Windsor chair",
    "yin_yang": "yin-yang",
}


def label(folder: str) -> str:
    return EXCEPTIONS.get(folder, folder.replace("_", " "))
