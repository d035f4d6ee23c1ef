// All of Hasten's public interface.
#pragma once

#include <hasten/bench.h>
#include <hasten/classify.h>
#include <hasten/convert.h>
#include <hasten/error.h>
#include <hasten/inspect.h>
#include <hasten/json.h>
#include <hasten/label.h>
#include <hasten/optimize.h>
#include <hasten/options.h>
#include <hasten/run.h>
#include <hasten/status.h>
#include <hasten/texts.h>
#include <hasten/tokenize.h>
#include <hasten/tune.h>
#include <hasten/verify.h>
