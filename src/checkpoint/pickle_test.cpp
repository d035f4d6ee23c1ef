#include "checkpoint/pickle.h"

#include <gmock/gmock.h>

namespace hasten::checkpoint {
namespace {

// The pickle of a program between PROTO 2 and STOP.
Pickle run(const std::string& program) {
  const std::string whole = "\x80\x02" + program + ".";
  ByteReader reader(std::as_bytes(std::span(whole.data(), whole.size())), "test");
  const Pickle pickle = read_pickle(reader, "test");
  EXPECT_EQ(reader.remaining(), 0u);
  return pickle;
}

std::int64_t integer(const std::string& program) {
  const Pickle pickle = run(program);
  const auto* value = pickle.get<std::int64_t>(pickle.root);
  return value == nullptr ? -999 : *value;
}

TEST(Pickle, ReadsIntegers) {
  EXPECT_EQ(integer("K\xff"), 255);
  EXPECT_EQ(integer("M\xff\xff"), 65535);
  EXPECT_EQ(integer("J\xfe\xff\xff\xff"), -2);
  EXPECT_EQ(integer(std::string("\x8a\x00", 2)), 0);
  EXPECT_EQ(integer("\x8a\x01\xff"), -1);
  EXPECT_EQ(integer(std::string("\x8a\x02\xff\x00", 4)), 255);
  EXPECT_EQ(integer("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"), INT64_MAX);
}

TEST(Pickle, ReadsOtherConstants) {
  const Pickle half = run(std::string("G\x3f\xe0\0\0\0\0\0\0", 9));
  EXPECT_EQ(*half.get<double>(half.root), 0.5);
  const Pickle yes = run("\x88");
  EXPECT_TRUE(*yes.get<bool>(yes.root));
  const Pickle nothing = run("N");
  EXPECT_NE(nothing.get<std::monostate>(nothing.root), nullptr);
  const Pickle large =
      run("\x8a\x09"
          "abcdefghi");
  EXPECT_EQ(large.get<PickleLong>(large.root)->bytes.size(), 9u);
}

// A list that holds itself is one value that refers to itself.
TEST(Pickle, SharesWhatTheMemoHolds) {
  const Pickle pickle = run(std::string("]r\x05\0\0\0j\x05\0\0\0a", 12));
  EXPECT_EQ(pickle.values.size(), 1u);
  EXPECT_THAT(pickle.get<PickleList>(pickle.root)->items, testing::ElementsAre(pickle.root));
}

TEST(Pickle, KeepsTheOrderOfADictionary) {
  const Pickle pickle = run("}(K\x02NK\x01Nu");
  const auto& items = pickle.get<PickleDict>(pickle.root)->items;
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(*pickle.get<std::int64_t>(items[0].first), 2);
  EXPECT_EQ(*pickle.get<std::int64_t>(items[1].first), 1);
}

// What the protocols from 4 on write: frames, short texts, the memo's next entry, names from texts.
TEST(Pickle, ReadsTheLaterProtocols) {
  const std::string program(
      "\x95\x08\0\0\0\0\0\0\0}\x94\x8c\x01"
      "a\x94h\x01s",
      18);
  for (const char protocol : {'\x04', '\x05'}) {
    const std::string whole = std::string("\x80") + protocol + program + ".";
    ByteReader reader(std::as_bytes(std::span(whole.data(), whole.size())), "test");
    const Pickle pickle = read_pickle(reader, "test");
    const auto& items = pickle.get<PickleDict>(pickle.root)->items;
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(*pickle.get<std::string_view>(items[0].first), "a");
    EXPECT_EQ(items[0].first, items[0].second);
  }
  const Pickle global =
      run("\x8c\x0b"
          "collections\x8c\x0b"
          "OrderedDict\x93");
  EXPECT_EQ(global.get<PickleGlobal>(global.root)->kind, PickleGlobalKind::k_ordered_dict);
}

}  // namespace
}  // namespace hasten::checkpoint
