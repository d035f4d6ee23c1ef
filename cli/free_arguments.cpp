#include <fmt/format.h>

#include <hasten/error.h>

#include "command.h"
#include "suggestions.h"

namespace hasten::cli {

std::vector<std::string> FreeArguments::of(const CLI::App& verb) const {
  std::vector<std::string> arguments = verb.remaining();
  for (const std::string& argument : arguments) {
    if (argument.size() < 2 || argument[0] != '-') continue;
    const std::string guess = nearest(argument.substr(0, argument.find('=')), names_of_flags(verb));
    throw Error({ErrorCode::k_usage,
                 fmt::format("there is no option {}", argument),
                 {},
                 {},
                 guess.empty() ? "A text that begins with a dash goes after --."
                               : fmt::format("Did you mean '{}'?", guess)});
  }
  arguments.insert(arguments.end(), after_dashes.begin(), after_dashes.end());
  return arguments;
}

}  // namespace hasten::cli
