// Tokenizer classes of transformers that run code of Python, which no tokenizer.json describes.
#pragma once

#include <string_view>

namespace hasten::tokenizer {

// What a class does that cannot be done here, by its name without "Fast"; empty for any other
// class. A tokenizer.json beside such a class is not what transformers would run.
std::string_view python_only_reason(std::string_view class_name);

}  // namespace hasten::tokenizer
