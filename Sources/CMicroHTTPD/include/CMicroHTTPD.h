/// libmicrohttpd as a Swift module.
#pragma once
#include <microhttpd.h>
