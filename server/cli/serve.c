#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/log.h"
#include "base/stripes.h"
#include "server/cli/command.h"
#include "server/cli/context.h"
#include "server/cli/gate.h"
#include "server/cli/store_pools.h"
#include "server/http/activation.h"
#include "server/http/server.h"
#include "server/media/media_sweeper.h"
#include "server/work/category_sweeper.h"
#include "server/work/dump.h"
#include "server/work/readiness.h"
#include "server/work/reservation_expiry.h"
#include "stores/fault_injection.h"

/* How soon a store that has come up is let in. */
#define GATE_POLL_MS 500

struct serving {
    struct context context; /* settings and the arena of the process; opens no store */
    struct app app;
    struct gate mysql_gate;
    struct gate mongo_gate;
    struct store_pools pools;
    struct readiness *readiness;
    struct media_sweeper *media_sweeper;
    struct reservation_expiry *expiry;
    struct category_sweeper *category_sweeper;
    struct http_server *http;
    struct http_server_sockets sockets;
};

static enum log_level level_of(struct str name) {
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {
        {"debug", LOG_DEBUG}, {"info", LOG_INFO}, {"warn", LOG_WARN}, {"error", LOG_ERROR}};
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (str_equals(name, str_of(levels[i].name))) {
            return levels[i].level;
        }
    }
    return LOG_INFO;
}

/* Descriptors for every connection that is allowed; no core file, which would hold secrets. */
static void set_limits(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            log_warn("limits.not_raised", LOG_TEXT("reason", strerror(errno)));
        }
    }
    struct rlimit no_core = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
}

/* Before the first thread starts, so that all inherit it and main alone receives them. */
static void block_signals(sigset_t *stopping) {
    (void)sigemptyset(stopping);
    (void)sigaddset(stopping, SIGHUP);
    (void)sigaddset(stopping, SIGINT);
    (void)sigaddset(stopping, SIGTERM);
    (void)sigaddset(stopping, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, stopping, NULL) == 0);
}

static void exit_at_once(int signal_number) {
    _exit(128 + signal_number);
}

/* From here on a further signal ends the process without waiting for anything. */
static void let_signals_end_it(const sigset_t *stopping) {
    struct sigaction action = {.sa_handler = exit_at_once};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGHUP, &ignored, NULL);
    (void)sigaction(SIGUSR1, &ignored, NULL);
    CHECK(pthread_sigmask(SIG_UNBLOCK, stopping, NULL) == 0);
}

static void log_listening(const struct serving *serving) {
    char url[HTTP_SERVER_URL_SIZE];
    for (size_t i = 0; http_server_url(serving->http, i, url); i++) {
        log_info("server.listening", LOG_TEXT("url", url), LOG_TEXT("version", AIZY_VERSION),
                 LOG_STR("environment", serving->context.config.environment),
                 LOG_INT("pid", getpid()));
    }
}

/* Looks at the stores that have come up since. False: one has a schema that is not this program's.
 */
static bool check_gates(struct serving *serving) {
    if (!gate_is_open(&serving->mysql_gate) && breaker_would_admit(&serving->app.mysql_breaker)) {
        gate_check(&serving->mysql_gate);
    }
    if (!gate_is_open(&serving->mongo_gate) && breaker_would_admit(&serving->app.mongo_breaker)) {
        gate_check(&serving->mongo_gate);
    }
    return !serving->mysql_gate.is_refused && !serving->mongo_gate.is_refused;
}

/* Until a signal comes (true), or a store turns out to be unusable (false). */
static bool wait_for_end(struct serving *serving, const sigset_t *stopping) {
    const struct timespec poll = {.tv_nsec = GATE_POLL_MS * 1000L * 1000};
    for (;;) {
        bool all_open = gate_is_open(&serving->mysql_gate) && gate_is_open(&serving->mongo_gate);
        int signal_number =
            all_open ? sigwaitinfo(stopping, NULL) : sigtimedwait(stopping, NULL, &poll);
        if (signal_number == SIGHUP) {
            http_server_reload(serving->http);
        } else if (signal_number == SIGUSR1) {
            dump_work(&serving->app);
            http_server_dump(serving->http);
        } else if (signal_number > 0) {
            log_info("server.stopping", LOG_INT("signal", signal_number));
            return true;
        }
        if (!all_open && !check_gates(serving)) {
            return false;
        }
    }
}

static enum command_result serve_until_stopped(struct serving *serving, const sigset_t *stopping) {
    if (fault_occurred(http_server_open(&serving->app, &serving->sockets, &serving->http))) {
        context_problem("What HOST and PORT or LISTEN name cannot be listened on; the log line "
                        "above says why.");
        return COMMAND_FAILED;
    }
    log_listening(serving);
    bool was_asked = wait_for_end(serving, stopping);

    let_signals_end_it(stopping);
    atomic_store(&serving->app.is_stopping, true);
    bool is_clean = http_server_close(serving->http, serving->context.config.shutdown_timeout_ms);
    if (!is_clean) {
        /* What is still under way holds its job and its connection: nothing may be freed. */
        log_warn("server.stopped", LOG_TEXT("reason", "requests were still under way"));
        log_stop();
        _exit(COMMAND_FAILED);
    }
    return was_asked ? COMMAND_DONE : COMMAND_FAILED;
}

static void open_cache(struct app *app, const struct config *config) {
    const struct cache_options options = {
        .max_bytes = (size_t)config->catalogue_cache_mb * 1024 * 1024,
        .lifetime_ms = config->catalogue_list_stale_ms,
        .followed_lifetime_ms = config->catalogue_product_age_ms,
    };
    if (options.max_bytes > 0) {
        app->cache = cache_open(&options);
        app->follower = catalogue_follower_open(config, app->cache);
    }
}

static void close_cache(struct app *app) {
    if (app->cache != NULL) {
        catalogue_follower_close(app->follower);
        cache_close(app->cache);
    }
}

static bool open_media(struct serving *serving) {
    struct str problem = media_folder_open(serving->context.config.media_dir,
                                           &serving->context.arena, &serving->app.media);
    if (!str_is_absent(problem)) {
        context_problem("%.*s", STR_ARG(problem));
    }
    return str_is_absent(problem);
}

static bool may_ask_mongo(void *context) {
    struct serving *serving = context;
    return gate_is_open(&serving->mongo_gate) && breaker_is_closed(&serving->app.mongo_breaker);
}

static struct media_sweeper *open_media_sweeper(struct serving *serving) {
    const struct media_sweeper_options options = {.config = &serving->context.config,
                                                  .storage = &serving->app.media,
                                                  .may_ask = may_ask_mongo,
                                                  .context = serving};
    return media_sweeper_open(&options);
}

static enum command_result serve_with_stores(struct serving *serving, const sigset_t *stopping) {
    const struct config *config = &serving->context.config;
    gate_init_mysql(&serving->mysql_gate, config);
    gate_init_mongo(&serving->mongo_gate, config);
    gate_check(&serving->mysql_gate);
    gate_check(&serving->mongo_gate);
    if (serving->mysql_gate.is_refused || serving->mongo_gate.is_refused) {
        return COMMAND_FAILED;
    }
    app_init(&serving->app, config, &serving->context.arena);
    if (!open_media(serving)) {
        return COMMAND_FAILED;
    }
    serving->pools = (struct store_pools){.app = &serving->app,
                                          .mysql_gate = &serving->mysql_gate,
                                          .mongo_gate = &serving->mongo_gate};
    open_cache(&serving->app, config);
    serving->app.stock_stripes = stripes_open();
    store_pools_open(&serving->pools);
    serving->readiness = readiness_open(&serving->app);
    serving->media_sweeper = open_media_sweeper(serving);
    serving->expiry = reservation_expiry_open(
        &(struct reservation_expiry_options){&serving->app, may_ask_mongo, serving});
    serving->category_sweeper = category_sweeper_open(
        &(struct category_sweeper_options){&serving->app, may_ask_mongo, serving});
    enum command_result result = serve_until_stopped(serving, stopping);
    category_sweeper_close(serving->category_sweeper);
    reservation_expiry_close(serving->expiry);
    media_sweeper_close(serving->media_sweeper);
    readiness_close(serving->readiness);
    store_pools_close(&serving->pools);
    stripes_close(serving->app.stock_stripes);
    serving->app.media.calls->close(serving->app.media.self);
    close_cache(&serving->app);
    return result;
}

static enum command_result serve(struct serving *serving) {
    if (!context_open(&serving->context)) {
        return COMMAND_MISUSED;
    }
    log_set_level(level_of(serving->context.config.log_level));
    set_limits();
    if (!str_is_absent(serving->context.config.fault_inject_file)) {
        fault_injection_init(serving->context.config.fault_inject_file);
    }
    sigset_t stopping;
    block_signals(&stopping);
    if (fault_occurred(mysql_store_library_init())) {
        context_problem("The MySQL client library cannot be used.");
        return COMMAND_FAILED;
    }
    mongo_store_library_init();
    log_start(STDERR_FILENO);
    enum command_result result = serve_with_stores(serving, &stopping);
    if (result == COMMAND_DONE) {
        log_info("server.stopped", LOG_NOTHING);
    }
    log_stop();
    mongo_store_library_release();
    mysql_store_library_release();
    return result;
}

static enum command_result run_serve(const struct options *options) {
    /* Threads hold pointers into it until they have ended. */
    static struct serving serving;
    serving.sockets = (struct http_server_sockets){
        .takes_over = options_flag(options, "takeover"),
        .passed = activation_take(),
    };
    enum command_result result = serve(&serving);
    context_close(&serving.context);
    return result;
}

static const struct option_row serve_options[] = {
    {.name = "takeover",
     .kind = OPTION_FLAG,
     .help = "listen beside a running server, which is then stopped"},
};

const struct command serve_command = {
    .name = "serve",
    .summary = "serve the API",
    .help =
        "Listens on HOST and PORT, or LISTEN, and logs to standard error, a JSON object per line.\n"
        "SIGINT or SIGTERM end it after what is under way (SHUTDOWN_TIMEOUT_MS); a second one at\n"
        "once. SIGHUP reads TLS_CERT and TLS_KEY anew. SIGUSR1 logs what is under way: pools,\n"
        "queues, stores, the cache, and each job. To restart without losing a connection, start\n"
        "the new server with --takeover, and end the old one when the new one listens.\n"
        "Sockets that systemd passes (LISTEN_FDS) are served in the order of the addresses.\n"
        "It starts without a store that is down, and refuses a schema that is not its own.\n",
    .options = serve_options,
    .option_count = COUNT_OF(serve_options),
    .run = run_serve,
};
