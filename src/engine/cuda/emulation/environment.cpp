// The emulated machine of the plug-in that tests of the command open.
#include <cstdlib>
#include <sstream>

#include "base/error.h"
#include "engine/cuda/emulation/control.h"

namespace hasten::engine::cuda::emulated {
namespace {

void set(Machine& machine, const std::string& name, std::size_t value) {
  const auto number = static_cast<int>(value);
  if (name == "driver") {
    machine.driver_version = number;
  } else if (name == "cards") {
    machine.cards.resize(value, machine.cards.front());
  } else if (name == "compute") {
    for (Card& card : machine.cards) {
      card.major = number / 10;
      card.minor = number % 10;
    }
  } else if (name == "free_mib") {
    for (Card& card : machine.cards) card.free = value << 20;
  } else if (name == "pinned_bytes") {
    machine.largest_pinned = value;
  } else if (name == "lost_after") {
    machine.waits_until_lost = value;
  } else {
    fail(ErrorCode::k_usage, "the emulated machine has no " + name, "HASTEN_EMULATED_GPU");
  }
}

}  // namespace

Machine machine_of_environment() {
  Machine machine;
  const char* text = std::getenv("HASTEN_EMULATED_GPU");
  std::istringstream words(text == nullptr ? "" : text);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos)
      fail(ErrorCode::k_usage, "a setting has no value", "HASTEN_EMULATED_GPU", word);
    set(machine, word.substr(0, equals), std::strtoull(word.c_str() + equals + 1, nullptr, 10));
  }
  return machine;
}

}  // namespace hasten::engine::cuda::emulated
