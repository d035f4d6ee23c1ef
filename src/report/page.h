// A self-contained HTML page in the style that all reports share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hasten::report {

// Text made fit for HTML, attributes included; control characters become spaces. `text` is UTF-8.
std::string escape(std::string_view text);
// The same for a clause such as "spearman@10%>=0.99", which narrow screens may break before its
// limit.
std::string escape_clause(std::string_view clause);

// "10,000"; "12.3k texts" is never written: counts are whole.
std::string count_text(std::uint64_t count);

// A page of sections, in the order in which they are added. Whatever is added as HTML must be
// escaped.
class Page {
 public:
  // `lead` is the line below the title, as HTML.
  Page(std::string_view title, std::string lead);

  // A band in colour at the top: what the reader came for.
  void add_verdict(bool good, std::string_view headline, std::string_view detail);
  // `html` under a heading; an empty heading leaves it out.
  void add_section(std::string_view heading, std::string_view html);

  std::string str() const;

 private:
  std::string title_;
  std::string lead_;
  std::string body_;
};

// <figure> with a caption that says what is seen. Cards in a grid() stand side by side where there
// is room, plots at most two.
std::string figure(std::string_view title, std::string_view svg, std::string_view caption);
std::string grid(const std::vector<std::string>& cards, bool plots = false);

// A table whose first column is text and whose others are numbers; cells are HTML.
std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows);

// One panel is shown at a time, chosen by its tab, without a script. `group` is unique in the page.
struct Tab {
  std::string name;  // text
  std::string html;
};
std::string tabs(std::string_view group, const std::vector<Tab>& panels);

}  // namespace hasten::report
