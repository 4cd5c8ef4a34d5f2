// zlib as a Swift module, to unpack gzip with. Its functions are called as they are.

#ifndef C_ZLIB_H
#define C_ZLIB_H

#include <zlib.h>

#endif
