/// libmicrohttpd as a Swift module, and shims for what Swift cannot call or cannot name.
///
/// Each shim exists for one of three reasons, which it states:
///   variadic   Swift does not import C functions with `...`;
///   feature    `SOCK_NONBLOCK` and its kin hide behind `_GNU_SOURCE`, or are enums that Swift's Glibc
///              spells differently from release to release;
///   interpose  libmicrohttpd offers no hook, see CMicroHTTPD.c.
///
/// The state kept here: the one refusal hook, set before the first daemon starts, and a few words a socket, which only
/// the pool thread of its connection touches.
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/// Everything that a daemon of this project is started with. Sizes in bytes, the timeout in seconds.
struct cmhd_options {
    unsigned int threads;
    unsigned int connection_limit;
    unsigned int timeout_seconds;
    size_t connection_memory_bytes;
    MHD_AccessHandlerCallback access;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
    void *context;
};

/// variadic: starts an epoll daemon without a listening socket (the project accepts by itself), with
/// suspend and resume, and with percent escapes left as they are. NULL and `errno` on failure.
struct MHD_Daemon *cmhd_start(const struct cmhd_options *options);

/// variadic: the connection's socket.
int cmhd_socket(struct MHD_Connection *connection);

/// variadic: what the connection callback stored for this connection.
void *cmhd_context(struct MHD_Connection *connection);

/// variadic: bytes of the request line and the headers, the empty line included.
size_t cmhd_header_bytes(struct MHD_Connection *connection);

/// interpose: queues a response of ours. Everything else that is queued is the library's own refusal.
enum MHD_Result cmhd_queue(struct MHD_Connection *connection, unsigned int status,
                           struct MHD_Response *response);

/// interpose: called on a pool thread when the library refuses a request by itself with `status`. The hook answers
/// MHD_YES when it has queued another response with cmhd_queue, MHD_NO to let the library's HTML go out.
typedef enum MHD_Result (*cmhd_refusal_hook)(struct MHD_Connection *connection, unsigned int status);
void cmhd_set_refusal_hook(cmhd_refusal_hook hook);

/// interpose: the first header called `name`, as the client sent it. MHD_NO when there is none.
enum MHD_Result cmhd_header(struct MHD_Connection *connection, const char *name, size_t name_bytes,
                            const char **value, size_t *value_bytes);

/// interpose: a new connection has this socket.
void cmhd_start_socket(int socket);

/// interpose: 1 when the library's last read from the socket brought bytes, 0 at the end of the stream or without any.
int cmhd_last_read_brought_bytes(int socket);

/// interpose: whether there was a NUL between the end of the request before and `head_end`, where this one's head ends in the library's
/// buffer. Once a head, when it is complete and nothing behind it has been read.
/// - `body_bytes`: how far behind it the next head begins; UINT64_MAX when none is to be read.
int cmhd_head_has_nul(int socket, const char *head_end, uint64_t body_bytes);

/// interpose: whether anything has come behind the last request. Any thread.
int cmhd_head_has_begun(int socket);

/// interpose: whether the end of the chunks, which the library sends although an answer to HEAD has none, is left out.
void cmhd_leave_out_end_of_chunks(int socket, int leave_out);

/// Closes the connection once this request is answered, and says so in the answer. In the access callback only.
/// MHD_NO when the connection's memory is used up.
enum MHD_Result cmhd_close_after_answer(struct MHD_Connection *connection);

/// feature: accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int cmhd_accept(int listening_socket);

/// feature: socket with SOCK_STREAM, SOCK_NONBLOCK and SOCK_CLOEXEC.
int cmhd_stream_socket(int family);

/// feature: send with MSG_NOSIGNAL and MSG_DONTWAIT.
ptrdiff_t cmhd_send(int socket, const void *bytes, size_t count);

/// feature: raises the soft limit of open files to the hard one. Answers the limit that holds then.
uint64_t cmhd_raise_open_file_limit(void);

/// interpose: whether the library is to take the next end of stream on `socket` for "nothing to read yet", once. For
/// connections that are suspended: resumed, they are read first, and closed unanswered if the client sends no more.
void cmhd_hold_end(int socket, int holds);

/// feature: POLLRDHUP. What is known of the client at the other end, without waiting.
enum cmhd_peer {
    CMHD_PEER_IS_THERE,
    CMHD_PEER_SENDS_NO_MORE,  ///< it has closed its sending half, or all: TCP does not tell which
    CMHD_PEER_IS_GONE,        ///< it has reset the connection
};
enum cmhd_peer cmhd_peer(int socket);

/// feature: the events of a pollfd by which a peer that has closed its sending half shows.
static const short cmhd_poll_hang_up = 0x2000;

/// feature: SIOCOUTQ. Whether bytes that were sent have not been acknowledged yet.
int cmhd_has_unsent(int socket);

/// feature: TCP_INFO. What the kernel counts of a connection's bytes. 0 when it does not tell.
struct cmhd_traffic {
    uint64_t received_bytes;
    uint64_t acknowledged_bytes;
};
int cmhd_traffic(int socket, struct cmhd_traffic *traffic);

/// feature: ends the connection with a reset, unsent bytes thrown away; the descriptor stays open. Whoever polls it is told.
void cmhd_abort(int socket);

/// feature: TCP_KEEPIDLE and its kin. Set on a listening socket, what it accepts inherits it.
void cmhd_keep_alive(int socket, int idle_seconds, int interval_seconds, int probes);

/// feature: a non-blocking eventfd, to wake a thread that polls.
int cmhd_wake_socket(void);

/// feature: macros with casts, which Swift does not import.
static const ptrdiff_t cmhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ptrdiff_t cmhd_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;
static const uint64_t cmhd_unknown_length = MHD_SIZE_UNKNOWN;
