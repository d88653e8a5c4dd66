/* Tries nothing: what every other file here is measured against. */
#include "base.h"
