// libFuzzer's mutations for targets that read ONNX files: most keep the file readable and change what it says.
#include <algorithm>
#include <cstddef>
#include <random>

#include "onnx_fields.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace hasten::fuzz {
namespace {

class Mutator {
 public:
  Mutator(std::vector<Field>& model, unsigned seed) : model_(model), random_(seed) {}

  void mutate() {
    for (std::size_t left = 1 + below(3); left > 0; --left) mutate_once();
  }

 private:
  struct Place {
    std::vector<Field>* fields;
    std::size_t index;
    MessageKind parent;
    Field& field() const { return (*fields)[index]; }
  };

  std::size_t below(std::size_t bound) { return random_() % bound; }

  void collect(std::vector<Field>& fields, MessageKind parent) {
    for (std::size_t index = 0; index < fields.size(); ++index) {
      places_.push_back({&fields, index, parent});
      collect(fields[index].children, fields[index].kind);
    }
  }

  void mutate_once() {
    places_.clear();
    collect(model_, MessageKind::k_model);
    if (places_.empty()) return;
    const Place place = places_[below(places_.size())];
    switch (below(8)) {
      case 0:
        place.fields->erase(place.fields->begin() + static_cast<std::ptrdiff_t>(place.index));
        break;
      case 1:
        place.fields->push_back(Field(place.field()));
        break;
      case 2:
        std::swap(place.field(), (*place.fields)[below(place.fields->size())]);
        break;
      case 3:
      case 4:
        copy_from_alike(place);
        break;
      default:
        change(place.field());
    }
  }

  // Another field of the same meaning: the name of another value, the kind of another node.
  void copy_from_alike(const Place& place) {
    constexpr std::size_t k_tries = 64;
    for (std::size_t tried = 0; tried < k_tries; ++tried) {
      const Place& other = places_[below(places_.size())];
      const bool names_values = place.parent == MessageKind::k_node && place.field().number <= 2 &&
                                other.parent == place.parent && other.field().number <= 2;
      const bool alike = other.parent == place.parent &&
                         (names_values || other.field().number == place.field().number);
      if (!alike || &other.field() == &place.field()) continue;
      Field copy = other.field();
      copy.number = place.field().number;
      place.field() = std::move(copy);
      return;
    }
  }

  void change(Field& field) {
    if (field.kind != MessageKind::k_leaf) return;
    if (field.wire == 0) {
      constexpr std::uint64_t k_usual[] = {0, 1,  2,         3,     4,     5,     6,          7,
                                           8, 12, 1U << 20U, ~0ULL, ~1ULL, ~2ULL, 1ULL << 62U};
      const std::size_t choice = below(std::size(k_usual) + 2);
      field.integer = choice < std::size(k_usual) ? k_usual[choice]
                                                  : field.integer + (choice % 2 == 0 ? 1 : ~0ULL);
      return;
    }
    const std::size_t size = field.bytes.size();
    const std::size_t most = field.wire == 2 ? size + 8 : size;
    field.bytes.resize(most);
    const std::size_t changed =
        LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(field.bytes.data()), size, most);
    field.bytes.resize(field.wire == 2 ? changed : size);
  }

  std::vector<Field>& model_;
  std::minstd_rand random_;
  std::vector<Place> places_;
};

}  // namespace
}  // namespace hasten::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  constexpr unsigned k_raw = 16;  // one mutation in so many is of the bytes alone
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto model = seed % k_raw == 0
                   ? std::nullopt
                   : hasten::fuzz::parse_fields(bytes, hasten::fuzz::MessageKind::k_model);
  if (!model) return LLVMFuzzerMutate(data, size, most);
  hasten::fuzz::Mutator(*model, seed).mutate();
  const std::string changed = hasten::fuzz::write_fields(*model);
  if (changed.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(changed.begin(), changed.end(), data);
  return changed.size();
}
