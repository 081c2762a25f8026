// What a program in C++ needs beside its own file: exceptions, OpenMP, vectorised mathematics, iconv, a locale.
#include <atomic>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <iconv.h>
#include <iostream>
#include <stdexcept>
#include <vector>

struct Wide { long a, b; };

int main() {
    try {
        throw std::runtime_error("caught");
    } catch (std::exception &error) {
        std::cout << error.what() << "\n";
    }
    long sum = 0;
#pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < 1000; i++) sum += i;
    std::cout << "sum " << sum << "\n";
    std::vector<double> angles(1024, 0.5), sines(1024);
    for (size_t i = 0; i < angles.size(); i++) sines[i] = std::sin(angles[i]);
    std::cout << "sine " << std::round(sines[1023] * 1000) << "\n";
    std::atomic<Wide> wide{Wide{1, 2}};
    std::cout << "atomic " << wide.load().b << "\n";
    char in[] = "\xe9", out[8] = "", *from = in, *to = out;
    size_t left = 1, room = 7;
    iconv_t converter = iconv_open("UTF-8", "ISO-8859-1");
    if (converter == (iconv_t)-1 || iconv(converter, &from, &left, &to, &room)) std::cout << "no iconv\n";
    std::setlocale(LC_ALL, "");
    wchar_t letter = 0;
    std::cout << out << " is " << std::mbtowc(&letter, out, 7) << " bytes\n";
}
