#include "server/catalogue/made_up_words.h"

#include "base/check.h"
#include "server/catalogue/made_up.h"

#define CATEGORY(slug_text, name_text, parent_text, place) \
    { STR_INIT(slug_text), STR_INIT(name_text), STR_INIT(parent_text), place }
#define ROOT(slug_text, name_text, place) \
    { STR_INIT(slug_text), STR_INIT(name_text), {NULL, 0}, place }

const struct category made_up_categories[] = {
    ROOT("clothing", "Clothing", 0),
    ROOT("footwear", "Footwear", 1),
    ROOT("home-living", "Home & Living", 2),
    ROOT("kitchenware", "Kitchen", 3),
    ROOT("garden-tools", "Garden", 4),
    ROOT("camping", "Camping", 5),
    ROOT("office", "Office", 6),
    ROOT("games", "Games", 7),
    CATEGORY("tops", "Tops", "clothing", 0),
    CATEGORY("knitwear", "Knitwear", "tops", 0),
    CATEGORY("tees", "T-Shirts", "tops", 1),
    CATEGORY("trousers", "Trousers", "clothing", 1),
    CATEGORY("outerwear", "Outerwear", "clothing", 2),
    CATEGORY("accessories", "Accessories", "clothing", 3),
    CATEGORY("boots", "Boots", "footwear", 0),
    CATEGORY("trainers", "Trainers", "footwear", 1),
    CATEGORY("bedding", "Bedding", "home-living", 0),
    CATEGORY("lighting", "Lighting", "home-living", 1),
    CATEGORY("furniture", "Furniture", "home-living", 2),
    CATEGORY("chairs", "Chairs", "furniture", 0),
    CATEGORY("tables", "Tables", "furniture", 1),
    CATEGORY("cookware", "Cookware", "kitchenware", 0),
    CATEGORY("tableware", "Tableware", "kitchenware", 1),
    CATEGORY("hand-tools", "Hand Tools", "garden-tools", 0),
    CATEGORY("planters", "Planters", "garden-tools", 1),
    CATEGORY("tents", "Tents", "camping", 0),
    CATEGORY("packs", "Packs", "camping", 1),
    CATEGORY("stationery", "Stationery", "office", 0),
    CATEGORY("board-games", "Board Games", "games", 0),
    CATEGORY("puzzles", "Puzzles", "games", 1),
};
const size_t made_up_category_count = COUNT_OF(made_up_categories);

const struct made_up_kind made_up_kinds[] = {
    {"T-Shirt", "tees", SIZES_CLOTHES, 1200, 4500, 180},
    {"Jumper", "knitwear", SIZES_CLOTHES, 3500, 18000, 450},
    {"Mug", "tableware", SIZES_NONE, 700, 3200, 350},
    {"Jeans", "trousers", SIZES_CLOTHES, 4000, 16000, 700},
    {"Trainers", "trainers", SIZES_SHOES, 4500, 19000, 900},
    {"Jacket", "outerwear", SIZES_CLOTHES, 6000, 48000, 900},
    {"Backpack", "packs", SIZES_NONE, 3500, 24000, 1100},
    {"Cardigan", "knitwear", SIZES_CLOTHES, 4000, 21000, 500},
    {"Notebook", "stationery", SIZES_NONE, 400, 2800, 250},
    {"Frying Pan", "cookware", SIZES_NONE, 1800, 14000, 1400},
    {"Table Lamp", "lighting", SIZES_NONE, 2500, 32000, 1800},
    {"Duvet Cover", "bedding", SIZES_BEDS, 2900, 19000, 1200},
    {"Boots", "boots", SIZES_SHOES, 7000, 38000, 1600},
    {"Chair", "chairs", SIZES_NONE, 4900, 89000, 6500},
    {"Jigsaw Puzzle", "puzzles", SIZES_NONE, 900, 4500, 800},
    {"Planter", "planters", SIZES_NONE, 900, 12000, 2200},
    {"Scarf", "accessories", SIZES_NONE, 1500, 15000, 200},
    {"Bowl", "tableware", SIZES_NONE, 600, 6500, 500},
    {"Tent", "tents", SIZES_NONE, 8000, 95000, 4200},
    {"Secateurs", "hand-tools", SIZES_NONE, 1200, 8500, 300},
    {"Board Game", "board-games", SIZES_NONE, 1500, 9000, 1300},
    {"Raincoat", "outerwear", SIZES_CLOTHES, 5500, 33000, 600},
    {"Pillow Case", "bedding", SIZES_BEDS, 900, 6000, 200},
    {"Saucepan", "cookware", SIZES_NONE, 2200, 21000, 1700},
    {"Dining Table", "tables", SIZES_NONE, 19000, 320000, 38000},
    {"Fountain Pen", "stationery", SIZES_NONE, 1500, 42000, 40},
    {"Trowel", "hand-tools", SIZES_NONE, 600, 4500, 350},
    {"Pendant Light", "lighting", SIZES_NONE, 3500, 56000, 2100},
    {"Cap", "accessories", SIZES_NONE, 1200, 5500, 120},
    {"Stool", "chairs", SIZES_NONE, 2900, 38000, 3800},
};
const size_t made_up_kind_count = COUNT_OF(made_up_kinds);

const char *const made_up_adjectives[] = {
    "Classic", "Everyday", "Light",   "Slim",     "Soft",    "Rugged",  "Vintage",
    "Modern",  "Compact",  "Heavy",   "Organic",  "Ribbed",  "Striped", "Folding",
    "Nordic",  "Alpine",   "Coastal", "Heritage", "Quilted", "Pocket",  "Grand",
    "Woven",   "Brushed",  "Crème",   NULL,
};
const char *const made_up_materials[] = {
    "Cotton",  "Wool",   "Linen",  "Oak",      "Steel",  "Leather", "Canvas",
    "Ceramic", "Denim",  "Merino", "Bamboo",   "Walnut", "Brass",   "Hemp",
    "Cork",    "Enamel", "Silk",   "Recycled", "Ash",    "Copper",  NULL,
};
const char *const made_up_colours[] = {
    "Black", "White",  "Navy",  "Grey", "Olive",   "Red",  "Sand",
    "Blue",  "Forest", "Cream", "Rust", "Mustard", "Teal", NULL,
};
const char *const made_up_brand_beginnings[] = {
    "Alder",   "Birch",   "Cedar", "Dune",   "Elm",   "Fjäll",  "Grove", "Harbour", "Isle",
    "Juniper", "Kestrel", "Loch",  "Møller", "North", "Ödland", "Pike",  "Quill",   "Rowan",
    "Søren",   "Thistle", "Umber", "Vale",   "Wren",  "Yarrow", NULL,
};
const char *const made_up_brand_endings[] = {
    " & Co.", " Works", "field", " Studio", "wood", " Goods", " Supply", "stad", " Atelier", NULL,
};
const char *const made_up_tags[] = {
    "new",      "bestseller", "sale",    "gift",       "organic",   "handmade", "summer",
    "winter",   "outdoor",    "vegan",   "recycled",   "limited",   "travel",   "kids",
    "men",      "women",      "unisex",  "waterproof", "fairtrade", "studio",   "minimal",
    "rustic",   "workshop",   "vintage", "festival",   "clearance", "wedding",  "collector",
    "outlet 7", "archive",    NULL,
};
const char *const made_up_places[] = {
    "Portugal", "Italy", "Denmark", "Scotland", "Japan", "India", "Türkiye", "Peru", NULL,
};
const char *const made_up_sentences[] = {
    "Made to be used every day and to last for years.",
    "Looks better the longer it is yours.",
    "We chose it because nothing about it is too much.",
    "Finished by hand in a small workshop.",
    "Comes in plain packaging without plastic.",
    "Easy to clean: a damp cloth is enough.",
    "A favourite of those who have had one before.",
    "Spare parts can be ordered for ten years.",
    "Fits where others do not.",
    "Tested in rain, snow and family life.",
    "Natural materials differ a little from piece to piece.",
    "Send it back within thirty days if you do not love it.",
    "Pairs well with whatever you have already.",
    "Designed with people who do this for a living.",
    NULL,
};

static const char *const clothes_sizes[] = {"XS", "S", "M", "L", "XL", NULL};
static const char *const shoe_sizes[] = {"37", "38", "39", "40", "41", "42", "43", NULL};
static const char *const bed_sizes[] = {"Single", "Double", "King", NULL};
const char *const *const made_up_size_lists[] = {
    [SIZES_NONE] = NULL,
    [SIZES_CLOTHES] = clothes_sizes,
    [SIZES_SHOES] = shoe_sizes,
    [SIZES_BEDS] = bed_sizes,
};
