# Writes OUTPUT, a C file that holds the migrations byte for byte.
#   ROOT    the repository
#   FILES   migrations/<store>/<name>, relative to ROOT

list(SORT FILES)
set(arrays "")
set(mysql_rows "")
set(mongo_rows "")
set(mysql_count 0)
set(mongo_count 0)

foreach(file IN LISTS FILES)
    string(REGEX MATCH "^migrations/([a-z]+)/(.+)$" _ "${file}")
    set(store ${CMAKE_MATCH_1})
    set(name ${CMAKE_MATCH_2})
    file(READ ${ROOT}/${file} hex HEX)
    file(SIZE ${ROOT}/${file} size)
    # A final NUL outside of the size: an empty file is an array too.
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    set(array "${store}_${${store}_count}")
    string(APPEND arrays "static const unsigned char ${array}[] = {${bytes}0};\n")
    string(APPEND ${store}_rows "    {\"${name}\", ${array}, ${size}},\n")
    math(EXPR ${store}_count "${${store}_count} + 1")
    # Two branches may both have taken the next number.
    string(SUBSTRING "${name}" 0 4 number)
    if(NOT number EQUAL ${store}_count)
        message(FATAL_ERROR "${file} should have the number ${${store}_count}")
    endif()
endforeach()

set(text "#include \"stores/migration.h\"\n\n${arrays}")
foreach(store IN ITEMS mysql mongo)
    if(${store}_count EQUAL 0)
        set(${store}_rows "    {0},\n")
    endif()
    string(APPEND text
        "\nconst struct migration_file migrations_${store}[] = {\n${${store}_rows}};\n"
        "const size_t migrations_${store}_count = ${${store}_count};\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
