#include <iostream>
#include <stdexcept>
int main() { try { throw std::runtime_error("caught"); } catch (std::exception &e) { std::cout << e.what() << "\n"; } }
