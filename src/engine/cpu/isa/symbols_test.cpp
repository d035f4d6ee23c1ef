// The objects of kernel files define no weak symbols: an inline function of a header that was
// compiled with wide instructions could otherwise be the copy that the linker picks for the whole
// program.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  char buffer[4096];
  while (std::fgets(buffer, sizeof(buffer), pipe.get()) != nullptr) output += buffer;
  return output;
}

TEST(KernelObjects, DefineNoWeakSymbols) {
  std::istringstream objects(HASTEN_ISA_OBJECTS);
  std::string object;
  int kernel_objects = 0;
  while (std::getline(objects, object, ':')) {
    const std::string file = object.substr(object.find_last_of('/') + 1);
    const bool wide = file.rfind("avx", 0) == 0 || file.rfind("amx", 0) == 0;
    if (!wide && file.rfind("neon", 0) != 0) continue;
    ++kernel_objects;
    std::istringstream symbols(output_of("nm --defined-only '" + object + "'"));
    int count = 0;
    for (std::string line; std::getline(symbols, line); ++count) {
      // "address type name"
      const char type = line.at(line.find(' ') + 1);
      EXPECT_EQ(std::string("WVuwv").find(type), std::string::npos) << file << ": " << line;
    }
    EXPECT_GT(count, 0) << "nm printed nothing for " << object;
  }
  EXPECT_GE(kernel_objects, 4);
}

}  // namespace
