// The shims that CMicroHTTPD.h declares. No state but the refusal hook; any thread.
//
// Interposing MHD_queue_response: libmicrohttpd answers some malformed requests by itself (an unreadable
// Content-Length, a broken chunk, headers beyond its memory) with a page of HTML and without asking the
// application. It does so through its own exported MHD_queue_response, and calls of exported
// functions go through the dynamic linker, so the definition below is found first. Our own
// responses take cmhd_queue, hence whatever arrives here is such a refusal, and the hook may put the
// service's error format in its place. Where the library is linked in a way that does not pass
// here, clients get the library's HTML: the status and the closed connection are the same.

#define _GNU_SOURCE
#include "CMicroHTTPD.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

typedef enum MHD_Result (*queue_function)(struct MHD_Connection *, unsigned int, struct MHD_Response *);

static queue_function library_queue;
static _Atomic(cmhd_refusal_hook) refusal_hook;

__attribute__((constructor)) static void find_library_queue(void) {
    library_queue = (queue_function)dlsym(RTLD_NEXT, "MHD_queue_response");
}

enum MHD_Result cmhd_queue(struct MHD_Connection *connection, unsigned int status,
                           struct MHD_Response *response) {
    return library_queue(connection, status, response);
}

void cmhd_set_refusal_hook(cmhd_refusal_hook hook) { refusal_hook = hook; }

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned int status,
                                   struct MHD_Response *response) {
    cmhd_refusal_hook hook = refusal_hook;
    enum cmhd_refusal refusal = hook != NULL ? hook(connection, status) : CMHD_LIBRARY_ANSWERS;
    if (refusal == CMHD_QUEUED) return MHD_YES;
    if (refusal == CMHD_CLOSE) return MHD_NO;
    return library_queue(connection, status, response);
}

/// Leaves `text` as it came: keys may hold any byte, so only the service decodes, strictly.
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    size_t length = 0;
    while (text[length] != 0) length++;
    return length;
}

static void discard_log(void *context, const char *format, va_list arguments) {
    (void)context;
    (void)format;
    (void)arguments;
}

struct MHD_Daemon *cmhd_start(const struct cmhd_options *options) {
    if (library_queue == NULL) {
        errno = ENOSYS;
        return NULL;
    }
    // A pool of one is refused by the library: it then wants its single internal thread.
    unsigned int pool = options->threads > 1 ? options->threads : 0;
    // MHD_USE_TURBO is left out: it skips the shutdown() that tells clients of an early close.
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
                         MHD_USE_ITC;
    // The library's strict mode adds two checks, spaces in the target and a missing Host, and answers
    // them by hanging up and with HTML. RequestHead.swift makes both, and more, and answers with the
    // service's errors, so strictness beyond the default (0) would only take those answers away.
    return MHD_start_daemon(flags, 0, NULL, NULL, options->access, options->context,                //
                            MHD_OPTION_EXTERNAL_LOGGER, discard_log, NULL,                         //
                            MHD_OPTION_STRICT_FOR_CLIENT, 0,                                       //
                            MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,                      //
                            MHD_OPTION_URI_LOG_CALLBACK, options->request_line, options->context,  //
                            MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,     //
                            MHD_OPTION_NOTIFY_CONNECTION, options->connection, options->context,   //
                            MHD_OPTION_CONNECTION_LIMIT, options->connection_limit,                //
                            MHD_OPTION_CONNECTION_TIMEOUT, options->timeout_seconds,               //
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory_bytes,  //
                            MHD_OPTION_THREAD_POOL_SIZE, pool,                                     //
                            MHD_OPTION_END);
}

int cmhd_socket(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

void *cmhd_context(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

size_t cmhd_header_bytes(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *information =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return information != NULL ? information->header_size : 0;
}

void cmhd_end_by_closing(struct MHD_Response *response) {
    MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

int cmhd_accept(int listening_socket) {
    return accept4(listening_socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int cmhd_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

ptrdiff_t cmhd_send(int socket, const void *bytes, size_t count) {
    return send(socket, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

uint64_t cmhd_raise_open_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
    }
    return limit.rlim_cur;
}

int cmhd_peer_is_gone(int socket) {
    char byte;
    ssize_t count = recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count >= 0) return count == 0;
    return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
}

int cmhd_wake_socket(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void cmhd_name_thread(pthread_t thread, const char *name) { pthread_setname_np(thread, name); }
