#include "server/api/auth/address.h"
#include "server/api/products/product_schema.h"
#include "server/cli/command.h"
#include "server/cli/context.h"
#include "server/cli/seed_products.h"
#include "stores/category_store.h"
#include "stores/product_store.h"
#include "stores/user_store.h"

#define FIXTURES_FOLDER "fixtures"

static const struct field category_fields[] = {
    {.name = "slug",
     .type = FIELD_STR,
     .offset = offsetof(struct category, slug),
     .is_required = true,
     .format = FORMAT_SLUG},
    {.name = "name",
     .type = FIELD_STR,
     .offset = offsetof(struct category, name),
     .is_required = true,
     .min = 1,
     .max = 200},
    {.name = "parent",
     .type = FIELD_STR,
     .offset = offsetof(struct category, parent),
     .is_nullable = true,
     .format = FORMAT_SLUG},
    {.name = "position",
     .type = FIELD_INT,
     .offset = offsetof(struct category, position),
     .is_required = true,
     .min = 0,
     .max = 1000000},
};
static const struct schema category_schema =
    SCHEMA("CategoryFixture", struct category, category_fields);

struct user_fixture {
    struct str email;
    struct str name;
    struct str mobile;
    struct str role;
};

static const char *const user_roles[] = {"customer", "support", "manager", NULL};

static const struct field user_fields[] = {
    {.name = "email",
     .type = FIELD_STR,
     .offset = offsetof(struct user_fixture, email),
     .is_nullable = true,
     .format = FORMAT_EMAIL},
    {.name = "name",
     .type = FIELD_STR,
     .offset = offsetof(struct user_fixture, name),
     .is_required = true,
     .min = 1,
     .max = 200},
    {.name = "mobile",
     .type = FIELD_STR,
     .offset = offsetof(struct user_fixture, mobile),
     .is_nullable = true,
     .min = 8,
     .max = 15},
    {.name = "role",
     .type = FIELD_STR,
     .offset = offsetof(struct user_fixture, role),
     .is_required = true,
     .choices = user_roles},
};
static const struct schema user_schema = SCHEMA("UserFixture", struct user_fixture, user_fields);

/* Loads a row of a file; `is_new` is false for what was there already. */
typedef struct fault load_row(struct context *context, const void *row, bool *is_new,
                              struct violations *violations);

static struct fault load_category(struct context *context, const void *row, bool *is_new,
                                  struct violations *violations) {
    (void)violations;
    *is_new = false; /* the store does not say */
    return category_store_put(context->mongo, &context->arena, row);
}

static struct fault load_product(struct context *context, const void *row, bool *is_new,
                                 struct violations *violations) {
    const struct product_edit *edit = row;
    struct product product;
    struct fault fault = fault_of(FAULT_NOT_FOUND);
    if (edit->slug_given) {
        fault = product_store_find(context->mongo, &context->arena, edit->slug,
                                   PRODUCT_VIEW_MANAGING, &product);
    }
    *is_new = fault_is(fault, FAULT_NOT_FOUND);
    if (!*is_new) {
        return fault;
    }
    struct product_author command_line = {.default_currency = context->config.currency};
    return product_store_create(context->mongo, &context->arena, edit, &command_line, violations,
                                &product);
}

static struct fault load_user(struct context *context, const void *row, bool *is_new,
                              struct violations *violations) {
    (void)violations;
    const struct user_fixture *fixture = row;
    struct user_registration registration = {
        .login_email = str_is_absent(fixture->email)
                           ? fixture->email
                           : address_normalise_email(fixture->email, &context->arena),
        .email = fixture->email,
        .mobile = fixture->mobile,
        .name = fixture->name,
        .role = arena_c_string(&context->arena, fixture->role),
    };
    struct actor command_line = {0};
    struct user user;
    int64_t no_session = 0;
    struct fault fault = user_store_register(context->mysql, &context->arena, &registration, NULL,
                                             &command_line, &user, &no_session);
    *is_new = !fault_is(fault, FAULT_EMAIL_TAKEN) && !fault_is(fault, FAULT_CONFLICT);
    return *is_new ? fault : fault_none();
}

struct fixture_file {
    const char *member; /* the array's name, and the file's without its ending */
    const char *store_name;
    const struct schema *schema;
    load_row *load;
    bool counts_new;
};

/* Categories before the products that name them. */
static const struct fixture_file fixture_files[] = {
    {"categories", "MongoDB", &category_schema, load_category, false},
    {"products", "MongoDB", &product_edit_schema, load_product, true},
    {"users", "MySQL", &user_schema, load_user, true},
};

static void print_violations(const char *path, const struct violations *violations) {
    for (size_t i = 0; i < violations->count; i++) {
        context_problem("%s: %.*s: %.*s", path, STR_ARG(violations->items[i].field),
                        STR_ARG(violations->items[i].message));
    }
}

static bool decode_file(struct context *context, const struct fixture_file *file, const char *path,
                        struct any_list *list) {
    struct str json = context_read_file(context, path);
    if (str_is_absent(json)) {
        return false;
    }
    struct violations violations;
    violations_init(&violations, &context->arena);
    struct schema_decoding decoding = {.arena = &context->arena,
                                       .violations = &violations,
                                       .default_currency = context->config.currency};
    struct fault fault = schema_decode_list(file->schema, file->member, json, &decoding, list);
    if (fault_occurred(fault)) {
        print_violations(path, &violations);
        context_problem("%s: %s", path, fault_row(fault.name)->sentence);
    }
    return !fault_occurred(fault);
}

/* Goes on after a row that is refused, so that all of them are seen; ends when a store is gone. */
static bool load_file(struct context *context, const struct fixture_file *file, const char *path) {
    struct any_list list = {0};
    if (!decode_file(context, file, path, &list)) {
        return false;
    }
    size_t new_count = 0;
    size_t refused = 0;
    for (size_t i = 0; i < list.count; i++) {
        struct violations violations;
        violations_init(&violations, &context->arena);
        bool is_new = false;
        struct fault fault = file->load(context, (const char *)list.items + i * file->schema->size,
                                        &is_new, &violations);
        new_count += is_new && !fault_occurred(fault) ? 1 : 0;
        refused += fault_occurred(fault) ? 1 : 0;
        if (fault_occurred(fault)) {
            print_violations(path, &violations);
            context_problem("%s: number %zu was refused.", path, i + 1);
            context_fault(file->store_name, fault);
        }
        if (fault_is(fault, FAULT_STORE_DOWN)) {
            return false;
        }
    }
    if (file->counts_new) {
        (void)printf("%s: %zu, %zu of them new\n", file->member, list.count, new_count);
    } else {
        (void)printf("%s: %zu\n", file->member, list.count);
    }
    (void)fflush(stdout);
    return refused == 0;
}

static enum command_result load_fixtures(struct context *context, const char *folder) {
    bool all_loaded = true;
    if (!context_open_mysql(context, 0) || !context_open_mongo(context, 0)) {
        return COMMAND_MISUSED;
    }
    for (size_t i = 0; i < COUNT_OF(fixture_files); i++) {
        struct str path =
            arena_printf(&context->arena, "%s/%s.json", folder, fixture_files[i].member);
        all_loaded = load_file(context, &fixture_files[i], path.data) && all_loaded;
    }
    return all_loaded ? COMMAND_DONE : COMMAND_FAILED;
}

static enum command_result seed(struct context *context, const char *folder, const char *products,
                                bool is_confirmed) {
    int64_t count = 0;
    if (!context_open(context)) {
        return COMMAND_MISUSED;
    }
    if (products != NULL && (folder != NULL || !str_to_int64(str_of(products), &count) ||
                             count < 1 || count > SEED_PRODUCTS_MAX)) {
        context_problem("--products takes a number from 1 to %d, and no --fixtures beside it.",
                        SEED_PRODUCTS_MAX);
        return COMMAND_MISUSED;
    }
    if (config_is_production(&context->config) && !is_confirmed) {
        context_problem(
            "AIZY_ENV is production (also when it is not set): say --yes to load made-up "
            "products and people into it.");
        return COMMAND_MISUSED;
    }
    return products != NULL ? seed_products(context, count)
                            : load_fixtures(context, folder != NULL ? folder : FIXTURES_FOLDER);
}

static enum command_result run_seed(const struct options *options) {
    struct context context;
    enum command_result result =
        seed(&context, options_text(options, "fixtures"), options_text(options, "products"),
             options_flag(options, "yes"));
    context_close(&context);
    return result;
}

static const struct option_row seed_options[] = {
    {.name = "fixtures",
     .kind = OPTION_TEXT,
     .placeholder = "FOLDER",
     .help = "where the files are; " FIXTURES_FOLDER " if not given"},
    {.name = "products",
     .kind = OPTION_TEXT,
     .placeholder = "N",
     .help = "instead of the fixtures, a made-up catalogue of N products"},
    {.name = "yes", .kind = OPTION_FLAG, .help = "yes, also in production"},
};

const struct command seed_command = {
    .name = "seed",
    .summary = "load the fixtures: a made-up shop",
    .help = "Products and people that are there already are left as they are. Nobody gets a "
            "password.\n"
            "A made-up catalogue is the same wherever it is made, so that what is measured on it "
            "can be\ncompared, and a larger one begins with the smaller.\n",
    .options = seed_options,
    .option_count = COUNT_OF(seed_options),
    .run = run_seed,
};
