#include "checkpoint/safetensors_header.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>

#include "base/error.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

constexpr std::size_t k_header_offset = 8;
constexpr std::size_t k_most_dimensions = 16;
constexpr std::size_t k_most_tensors = 100'000;  // the largest models have some thousands

// A cursor over the header's text; what the format allows and nothing more.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  std::vector<SafetensorsEntry> parse() {
    std::vector<SafetensorsEntry> entries;
    bool has_metadata = false;
    read_object([&](std::string key) {
      if (key == "__metadata__") {
        if (has_metadata) fail_here("two __metadata__ entries");
        has_metadata = true;
        read_metadata();
      } else if (entries.size() == k_most_tensors) {
        fail_here(fmt::format("more than {} tensors", k_most_tensors));
      } else {
        entries.push_back(read_entry(std::move(key)));
      }
    });
    // The format pads its header with spaces.
    skip_space();
    if (position_ != text_.size()) fail_here("something follows the header's last brace");
    return entries;
  }

 private:
  [[noreturn]] void fail_here(const std::string& what) const {
    fail(ErrorCode::k_malformed, "in the safetensors header: " + what,
         fmt::format("{}, byte {}", where_, k_header_offset + position_),
         "the file is damaged or no safetensors file", "Save or download the checkpoint again.");
  }

  void skip_space() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n' ||
                                        text_[position_] == '\t' || text_[position_] == '\r')) {
      ++position_;
    }
  }

  bool accept(char wanted) {
    skip_space();
    if (position_ == text_.size() || text_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) fail_here(fmt::format("'{}' is expected here", wanted));
  }

  // {"key": ..., "key": ...}: `read_value` consumes the value of the key that it is given.
  template <typename ReadValue>
  void read_object(ReadValue read_value) {
    expect('{');
    if (accept('}')) return;
    do {
      std::string key = read_string();
      expect(':');
      read_value(std::move(key));
    } while (accept(','));
    expect('}');
  }

  SafetensorsEntry read_entry(std::string name) {
    SafetensorsEntry entry;
    entry.name = std::move(name);
    int seen = 0;
    read_object([&](const std::string& key) {
      const int bit = key == "dtype" ? 1 : key == "shape" ? 2 : key == "data_offsets" ? 4 : 0;
      if (bit == 0) fail_here(fmt::format("the unknown key {}", quote_name(key)));
      if ((seen & bit) != 0) fail_here(fmt::format("the key {} twice", quote_name(key)));
      seen |= bit;
      if (bit == 1) entry.dtype = read_string();
      if (bit == 2) entry.shape = read_integers(k_most_dimensions);
      if (bit == 4) read_offsets(entry);
    });
    if (seen != 7) fail_here(fmt::format("tensor {} lacks a key", quote_name(entry.name)));
    return entry;
  }

  void read_offsets(SafetensorsEntry& entry) {
    const Dims offsets = read_integers(2);
    if (offsets.size() != 2) fail_here("data_offsets needs two numbers");
    entry.begin = static_cast<std::uint64_t>(offsets[0]);
    entry.end = static_cast<std::uint64_t>(offsets[1]);
  }

  void read_metadata() {
    read_object([&](const std::string& key) {
      const std::string value = read_string();
      if (key == "format" && (value == "tf" || value == "flax")) fail_framework(value);
    });
  }

  // Their tensors have names of their own, and their matrices lie the other way round.
  [[noreturn]] void fail_framework(const std::string& format) const {
    fail(ErrorCode::k_unsupported,
         fmt::format("weights that {} saved (format {})", format == "tf" ? "TensorFlow" : "Flax",
                     format),
         where_, {},
         fmt::format("Save them with PyTorch: AutoModelForSequenceClassification.from_pretrained("
                     "folder, from_{}=True).save_pretrained(folder).",
                     format));
  }

  Dims read_integers(std::size_t most) {
    Dims integers;
    expect('[');
    if (accept(']')) return integers;
    do {
      if (integers.size() == most) fail_here(fmt::format("more than {} numbers", most));
      integers.push_back(read_integer());
    } while (accept(','));
    expect(']');
    return integers;
  }

  std::int64_t read_integer() {
    skip_space();
    std::int64_t value = 0;
    const std::string_view rest = text_.substr(position_);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    const auto length = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc() || rest[0] == '-' || (rest[0] == '0' && length > 1)) {
      fail_here("a whole number from 0 up is expected here");
    }
    position_ += length;
    return value;
  }

  std::string read_string() {
    expect('"');
    std::string out;
    while (true) {
      if (position_ == text_.size()) fail_here("a string without an end");
      const char byte = text_[position_++];
      if (byte == '"') return out;
      if (static_cast<unsigned char>(byte) < 0x20) fail_here("a control character in a string");
      if (byte == '\\') {
        read_escape(out);
      } else {
        out += byte;
      }
    }
  }

  void read_escape(std::string& out) {
    constexpr std::string_view k_letters = "\"\\/bfnrt";
    constexpr std::string_view k_meanings = "\"\\/\b\f\n\r\t";
    if (position_ == text_.size()) fail_here("a string without an end");
    const char letter = text_[position_++];
    if (letter == 'u') return read_unicode_escape(out);
    const auto index = k_letters.find(letter);
    if (index == std::string_view::npos) fail_here("an unknown escape in a string");
    out += k_meanings[index];
  }

  void read_unicode_escape(std::string& out) {
    std::uint32_t code = read_four_digits();
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(position_, 2) == "\\u") {
      position_ += 2;
      const std::uint32_t low = read_four_digits();
      if (low < 0xdc00 || low >= 0xe000) fail_here("half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code >= 0xd800 && code < 0xe000) fail_here("half of a surrogate pair");
    append_utf8(out, code);
  }

  std::uint32_t read_four_digits() {
    std::uint32_t code = 0;
    const std::string_view digits = text_.substr(position_, 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || end != digits.data() + 4)
      fail_here("four hexadecimal digits needed");
    position_ += 4;
    return code;
  }

  static void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0 | (code >> 12));
      tail(6), tail(0);
    } else {
      out += static_cast<char>(0xf0 | (code >> 18));
      tail(12), tail(6), tail(0);
    }
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t position_ = 0;
};

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view text,
                                                       const std::string& where) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    fail(ErrorCode::k_malformed, "the safetensors header is not UTF-8", where,
         "the file is damaged or no safetensors file", "Save or download the checkpoint again.");
  }
  return HeaderParser(text, where).parse();
}

}  // namespace hasten::checkpoint
