// The shims that CMicroHTTPD.h declares. Any thread.
//
// Interposing: calls of exported functions go through the dynamic linker, so a definition here is found before the
// library's or libc's. Where libmicrohttpd 0.9.75 offers no hook, one is made that way:
//
//   MHD_queue_response              The library answers some malformed requests by itself (a broken chunk, headers beyond
//                                   its memory) with a page of HTML and without asking the application. Our own
//                                   responses take cmhd_queue, hence whatever arrives here is such a refusal, and the
//                                   hook may put the service's error format in its place.
//   MHD_lookup_connection_value_n   How it asks for the headers that frame a request. It does not trim white space at
//                                   the end of a value, answers an unreadable Content-Length twice, and sends a 100
//                                   for a request without content, to lose the request that follows.
//   recv                            It hangs up without a word on a line that has nothing of a request. Whether the last
//                                   read brought bytes tells that from a client that has left. It ends lines in place, so
//                                   that NUL LF looks like CR LF afterwards, and skips lines that begin with NUL: so NULs
//                                   are looked for before it does. And a connection that is
//                                   resumed is read before it is answered: if its client has shut down its sending half
//                                   meanwhile, the library takes that end of the stream for a hang-up and closes. So
//                                   the first end of stream after a resumption reads as "nothing yet"; the library
//                                   answers, asks epoll anew, is told of the end once more, and closes.
//   send                            To HEAD it sends the end of the chunks that it leaves out, which a client takes for
//                                   the start of its next answer.
//   sendmsg                         It sends head and body of an answer as two pieces, which costs the kernel more than to
//                                   send one. Small answers are put together first.
//
//   gmtime_r                        It makes the Date header anew for each answer. The last second's is kept.
//
// PERF: the three of sockets make their system calls directly. libc's functions make each a point where a thread may be cancelled,
// which no thread here ever is.
//
// Where the library is linked in a way that does not pass here, clients get what it does by itself.

#define _GNU_SOURCE
#include "CMicroHTTPD.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef enum MHD_Result (*queue_function)(struct MHD_Connection *, unsigned int, struct MHD_Response *);
typedef enum MHD_Result (*lookup_function)(struct MHD_Connection *, enum MHD_ValueKind, const char *, size_t,
                                           const char **, size_t *);

typedef struct tm *(*gmtime_r_function)(const time_t *, struct tm *);

static queue_function library_queue;
static lookup_function library_lookup;
static gmtime_r_function library_gmtime_r;
static _Atomic(cmhd_refusal_hook) refusal_hook;

__attribute__((constructor)) static void find_library_functions(void) {
    library_queue = (queue_function)dlsym(RTLD_NEXT, "MHD_queue_response");
    library_lookup = (lookup_function)dlsym(RTLD_NEXT, "MHD_lookup_connection_value_n");
    library_gmtime_r = (gmtime_r_function)dlsym(RTLD_NEXT, "gmtime_r");
}

// MARK: Refusals

enum MHD_Result cmhd_queue(struct MHD_Connection *connection, unsigned int status,
                           struct MHD_Response *response) {
    return library_queue(connection, status, response);
}

void cmhd_set_refusal_hook(cmhd_refusal_hook hook) { refusal_hook = hook; }

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned int status,
                                   struct MHD_Response *response) {
    cmhd_refusal_hook hook = refusal_hook;
    if (hook != NULL && hook(connection, status) == MHD_YES) return MHD_YES;
    return library_queue(connection, status, response);
}

// MARK: The headers that frame a request

enum MHD_Result cmhd_header(struct MHD_Connection *connection, const char *name, size_t name_bytes,
                            const char **value, size_t *value_bytes) {
    return library_lookup(connection, MHD_HEADER_KIND, name, name_bytes, value, value_bytes);
}

/// The same without white space at its end (RFC 9110, section 5.5).
static enum MHD_Result trimmed_header(struct MHD_Connection *connection, const char *name, size_t name_bytes,
                                      const char **value, size_t *value_bytes) {
    if (cmhd_header(connection, name, name_bytes, value, value_bytes) == MHD_NO) return MHD_NO;
    while (*value_bytes > 0 && ((*value)[*value_bytes - 1] == ' ' || (*value)[*value_bytes - 1] == '\t'))
        --*value_bytes;
    return MHD_YES;
}

/// Whether `text` is a number that the library can read.
static int is_length(const char *text, size_t text_bytes) {
    uint64_t number = 0;
    for (size_t index = 0; index < text_bytes; index++) {
        uint64_t digit = (uint64_t)((unsigned char)text[index] - '0');
        if (digit > 9 || number > (UINT64_MAX - digit) / 10) return 0;
        number = number * 10 + digit;
    }
    return text_bytes > 0;
}

/// Whether the headers say that content follows.
static int has_content(struct MHD_Connection *connection) {
    const char *value;
    size_t value_bytes;
    if (trimmed_header(connection, "Transfer-Encoding", 17, &value, &value_bytes) == MHD_YES) return 1;
    if (trimmed_header(connection, "Content-Length", 14, &value, &value_bytes) == MHD_NO) return 0;
    for (size_t index = 0; index < value_bytes; index++)
        if (value[index] != '0') return 1;
    return 0;
}

/// Only the library calls it: `name` is one of its own constants.
enum MHD_Result MHD_lookup_connection_value_n(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                              const char *name, size_t name_bytes, const char **value,
                                              size_t *value_bytes) {
    const char *found;
    size_t found_bytes;
    switch (name_bytes) {
        case sizeof MHD_HTTP_HEADER_COOKIE - 1:  // Expect is as long.
            // PERF: nobody asks for cookies, so they are not taken apart.
            if (name[0] == 'C') return MHD_NO;
            if (trimmed_header(connection, name, name_bytes, &found, &found_bytes) == MHD_NO) return MHD_NO;
            if (found_bytes != 12 || strncasecmp(found, "100-continue", 12) != 0 || !has_content(connection))
                return MHD_NO;
            *value = "100-continue";
            return MHD_YES;
        case sizeof MHD_HTTP_HEADER_CONTENT_LENGTH - 1:
            // One that cannot be read is refused by RequestHead.swift, before anything of a body is.
            if (trimmed_header(connection, name, name_bytes, &found, &found_bytes) == MHD_NO ||
                !is_length(found, found_bytes))
                return MHD_NO;
            *value = found;
            *value_bytes = found_bytes;
            return MHD_YES;
        case sizeof MHD_HTTP_HEADER_TRANSFER_ENCODING - 1:
            if (trimmed_header(connection, name, name_bytes, &found, &found_bytes) == MHD_NO)
                return MHD_NO;
            *value = found_bytes == 7 && strncasecmp(found, "chunked", 7) == 0 ? "chunked" : found;
            return MHD_YES;
        default: return library_lookup(connection, kind, name, name_bytes, value, value_bytes);
    }
}

enum MHD_Result cmhd_close_after_answer(struct MHD_Connection *connection) {
    // The library looks for this token when it decides whether the connection goes on.
    return MHD_set_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONNECTION, "close");
}

// MARK: Sockets

static const uint64_t nowhere = UINT64_MAX;

/// By descriptor. A connection whose descriptor lies beyond it is served as the library serves it. Places in the stream of
/// what the client sends are counted from its first byte.
static struct {
    _Atomic uint64_t received_bytes;
    /// Where the next head begins, at the earliest; `nowhere` when none is read any more.
    _Atomic uint64_t head_place;
    /// The first NUL from there on.
    uint64_t nul_place;
    /// Where the library's buffer begins: with the first byte after the request before, for every request.
    const char *buffer;
    unsigned char last_read_brought_bytes;
    unsigned char leaves_out_end_of_chunks;
    unsigned char holds_end;
} sockets[1 << 20];

/// The pool thread of a connection writes; the watch may read meanwhile.
static uint64_t relaxed(const _Atomic uint64_t *word) { return atomic_load_explicit(word, memory_order_relaxed); }

static int is_known(int socket) { return socket >= 0 && (size_t)socket < sizeof sockets / sizeof *sockets; }

void cmhd_start_socket(int socket) {
    if (!is_known(socket)) return;
    atomic_store_explicit(&sockets[socket].received_bytes, 0, memory_order_relaxed);
    atomic_store_explicit(&sockets[socket].head_place, 0, memory_order_relaxed);
    sockets[socket].nul_place = nowhere;
    sockets[socket].buffer = NULL;
    sockets[socket].last_read_brought_bytes = 0;
    sockets[socket].leaves_out_end_of_chunks = 0;
    sockets[socket].holds_end = 0;
}

/// Where in the stream the first NUL of `count` bytes is, of which the first stands at `place`.
static uint64_t place_of_nul(const char *bytes, size_t count, uint64_t place) {
    const char *nul = memchr(bytes, 0, count);
    return nul == NULL ? nowhere : place + (uint64_t)(nul - bytes);
}

/// Looks for a NUL in what has come of heads. Bodies may have any.
static void note_received(int socket, const char *bytes, size_t count) {
    uint64_t start = relaxed(&sockets[socket].received_bytes), head = relaxed(&sockets[socket].head_place);
    atomic_store_explicit(&sockets[socket].received_bytes, start + count, memory_order_relaxed);
    if (sockets[socket].buffer == NULL) sockets[socket].buffer = bytes;
    if (sockets[socket].nul_place != nowhere || head >= start + count) return;
    size_t skipped = head > start ? (size_t)(head - start) : 0;
    sockets[socket].nul_place = place_of_nul(bytes + skipped, count - skipped, start + skipped);
}

int cmhd_head_has_nul(int socket, const char *head_end, uint64_t body_bytes) {
    if (!is_known(socket)) return 0;
    uint64_t received = relaxed(&sockets[socket].received_bytes);
    uint64_t end = relaxed(&sockets[socket].head_place) + (uint64_t)(head_end - sockets[socket].buffer);
    if (sockets[socket].nul_place < end) return 1;
    uint64_t next = body_bytes < nowhere - end ? end + body_bytes : nowhere;
    atomic_store_explicit(&sockets[socket].head_place, next, memory_order_relaxed);
    if (sockets[socket].nul_place < next) {
        // It is the body's. What has come of the request behind it lies in the buffer as it came.
        sockets[socket].nul_place = nowhere;
        if (next < received)
            sockets[socket].nul_place = place_of_nul(head_end + body_bytes, (size_t)(received - next), next);
    }
    return 0;
}

int cmhd_head_has_begun(int socket) {
    return is_known(socket) && relaxed(&sockets[socket].received_bytes) > relaxed(&sockets[socket].head_place);
}

int cmhd_last_read_brought_bytes(int socket) {
    return is_known(socket) && sockets[socket].last_read_brought_bytes;
}

void cmhd_leave_out_end_of_chunks(int socket, int leave_out) {
    if (is_known(socket)) sockets[socket].leaves_out_end_of_chunks = leave_out != 0;
}

void cmhd_hold_end(int socket, int holds) {
    if (is_known(socket)) sockets[socket].holds_end = holds != 0;
}

ssize_t recv(int socket, void *bytes, size_t count, int flags) {
    ssize_t received = syscall(SYS_recvfrom, socket, bytes, count, flags, NULL, NULL);
    if (!is_known(socket)) return received;
    if (received == 0 && sockets[socket].holds_end) {
        sockets[socket].holds_end = 0;
        errno = EAGAIN;
        return -1;
    }
    sockets[socket].last_read_brought_bytes = received > 0;
    if (received > 0) note_received(socket, bytes, (size_t)received);
    return received;
}

ssize_t send(int socket, const void *bytes, size_t count, int flags) {
    if (count == 5 && is_known(socket) && sockets[socket].leaves_out_end_of_chunks &&
        memcmp(bytes, "0\r\n\r\n", 5) == 0)
        return 5;
    return syscall(SYS_sendto, socket, bytes, count, flags, NULL, 0);
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    char whole[1024];
    if (message->msg_iovlen == 2 && message->msg_name == NULL && message->msg_controllen == 0) {
        const struct iovec *parts = message->msg_iov;
        size_t first = parts[0].iov_len, second = parts[1].iov_len;
        if (first <= sizeof whole && second <= sizeof whole - first) {
            memcpy(whole, parts[0].iov_base, first);
            memcpy(whole + first, parts[1].iov_base, second);
            return syscall(SYS_sendto, socket, whole, first + second, flags, NULL, 0);
        }
    }
    return syscall(SYS_sendmsg, socket, message, flags);
}

// MARK: The time

/// PERF: a request takes microseconds, and libc's function a lock and a few hundred instructions.
struct tm *gmtime_r(const time_t *time, struct tm *result) {
    static _Thread_local struct {
        int is_known;
        time_t second;
        struct tm parts;
    } last;
    if (!last.is_known || last.second != *time) {
        if (library_gmtime_r == NULL || library_gmtime_r(time, &last.parts) == NULL) return NULL;
        last.second = *time;
        last.is_known = 1;
    }
    *result = last.parts;
    return result;
}

// MARK: The rest

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
    if (library_queue == NULL || library_lookup == NULL) {
        errno = ENOSYS;
        return NULL;
    }
    // A pool of one is refused by the library: it then wants its single internal thread.
    unsigned int pool = options->threads > 1 ? options->threads : 0;
    // MHD_USE_TURBO leaves a connection that ends open for writing until the callback that it is closed: a line with
    // nothing of a request in it is answered there.
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET |
                         MHD_USE_ITC | MHD_USE_TURBO;
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

int cmhd_accept(int listening_socket) {
    return accept4(listening_socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int cmhd_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

ptrdiff_t cmhd_send(int socket, const void *bytes, size_t count) {
    return sendto(socket, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
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

_Static_assert(POLLRDHUP == 0x2000, "cmhd_poll_hang_up is POLLRDHUP");

enum cmhd_peer cmhd_peer(int socket) {
    struct pollfd polled = {.fd = socket, .events = POLLRDHUP};
    if (poll(&polled, 1, 0) <= 0) return CMHD_PEER_IS_THERE;
    if (polled.revents & (POLLERR | POLLHUP | POLLNVAL)) return CMHD_PEER_IS_GONE;
    return CMHD_PEER_SENDS_NO_MORE;
}

int cmhd_has_unsent(int socket) {
    int count = 0;
    return ioctl(socket, SIOCOUTQ, &count) != 0 || count > 0;
}

int cmhd_traffic(int socket, struct cmhd_traffic *traffic) {
    struct tcp_info information = {0};
    socklen_t length = sizeof information;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &information, &length) != 0) return 0;
    if (length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof information.tcpi_bytes_received) return 0;
    traffic->received_bytes = information.tcpi_bytes_received;
    traffic->acknowledged_bytes = information.tcpi_bytes_acked;
    return 1;
}

void cmhd_abort(int socket) {
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    if (connect(socket, &nobody, sizeof nobody) != 0) shutdown(socket, SHUT_RDWR);
}

void cmhd_keep_alive(int socket, int idle_seconds, int interval_seconds, int probes) {
    int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
    setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

int cmhd_wake_socket(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
