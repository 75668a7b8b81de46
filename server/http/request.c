#include "server/http/internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>

struct header_row {
    struct str name;
    size_t offset; /* of its str in struct request */
    bool is_list;
};

static const struct header_row header_rows[] = {
#define REQUEST_HEADER(field, name, is_list) \
    {STR_INIT(name), offsetof(struct request, field), (is_list)},
#include "server/api/headers.def"
#undef REQUEST_HEADER
};

static struct str str_of_iovec(h2o_iovec_t bytes) {
    return (struct str){bytes.base, bytes.len};
}

static enum http_method method_of(struct str name) {
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (str_equals(name, str_of(http_method_names[i]))) {
            return (enum http_method)i;
        }
    }
    return HTTP_METHOD_OTHER;
}

/* RFC 9112, 3.2.2: a server must take "GET http://host/path" for "GET /path". */
static struct str target_of(h2o_iovec_t path) {
    h2o_url_t url;
    bool is_absolute =
        path.len > 0 && path.base[0] != '/' && h2o_url_parse(path.base, path.len, &url) == 0;
    return str_of_iovec(is_absolute ? url.path : path);
}

static void read_target(h2o_req_t *req, struct job *job) {
    struct str target = arena_copy(&job->arena, target_of(req->input.path));
    size_t question = str_find_byte(target, '?');
    job->request.path = str_slice(target, 0, question);
    if (question < target.size) {
        job->request.query = str_slice(target, question + 1, target.size);
    }
}

static void read_header(struct job *job, const struct header_row *row, struct str value) {
    struct str *field = (struct str *)((char *)&job->request + row->offset);
    if (str_is_absent(*field)) {
        *field = arena_copy(&job->arena, value);
        return;
    }
    if (!row->is_list) {
        job->request.has_refused_header = true;
        return;
    }
    *field = arena_printf(&job->arena, "%.*s, %.*s", STR_ARG(*field), STR_ARG(value));
}

static void read_headers(h2o_req_t *req, struct job *job) {
    for (size_t i = 0; i < req->headers.size; i++) {
        const h2o_header_t *header = &req->headers.entries[i];
        /* h2o has put the names in lower case. */
        struct str name = str_of_iovec(*header->name);
        for (size_t j = 0; j < COUNT_OF(header_rows); j++) {
            if (str_equals(name, header_rows[j].name)) {
                read_header(job, &header_rows[j], str_trim(str_of_iovec(header->value)));
                break;
            }
        }
    }
}

/* As inet_ntop does it, at a tenth of the cost: this is done for each request. */
static void print_v4(const unsigned char bytes[static 4], char *text) {
    for (int i = 0; i < 4; i++) {
        unsigned byte = bytes[i];
        if (byte >= 100) {
            *text++ = (char)('0' + byte / 100);
        }
        if (byte >= 10) {
            *text++ = (char)('0' + byte / 10 % 10);
        }
        *text++ = (char)('0' + byte % 10);
        *text++ = '.';
    }
    text[-1] = '\0';
}

/* IPv4 through an IPv6 socket reads as IPv4, so that limits and logs know each client by one name.
 */
static struct str address_text(const struct sockaddr_storage *address, struct arena *arena) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        print_v4((const unsigned char *)&v4->sin_addr, text);
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
        bool is_v4 = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
        if (is_v4) {
            print_v4(v6->sin6_addr.s6_addr + 12, text);
        } else {
            (void)inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
        }
    }
    return arena_copy(arena, str_of(text));
}

void request_read(h2o_req_t *req, struct job *job) {
    struct request *request = &job->request;
    request->is_secure = req->input.scheme == &H2O_URL_SCHEME_HTTPS;
    request->method = method_of(str_of_iovec(req->input.method));
    read_target(req, job);
    read_headers(req, job);
    /* The entity dies with the client, which the job may outlive. */
    request->body = arena_copy(&job->arena, str_of_iovec(req->entity));
    struct sockaddr_storage address = {0};
    /* Fails when the client has already gone; then the address is empty. */
    (void)req->conn->callbacks->get_peername(req->conn, (struct sockaddr *)&address);
    request->address = address_text(&address, &job->arena);
}
