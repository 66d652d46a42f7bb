# rosidl exports *__rosidl_generator_py targets with the absolute NumPy include folder of the machine
# that built them. Imported from elsewhere, CMake stops with "non-existent path"; with an environment
# inside this folder, it stops with "prefixed in the source directory". Nothing compiles against the
# exported folders, so at the end of the configuration the missing ones are dropped from imported
# targets, and our own keep theirs to this build.

# Sets the INTERFACE_INCLUDE_DIRECTORIES of `target` to the given ones when they changed.
function(elbowroom_set_includes target before)
  if(NOT "${ARGN}" STREQUAL "${before}")
    set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ARGN}")
  endif()
endfunction()

function(elbowroom_drop_missing_includes target)
  get_target_property(before ${target} INTERFACE_INCLUDE_DIRECTORIES)
  if(NOT before)
    return()
  endif()
  set(after "")
  foreach(folder IN LISTS before)
    if(folder MATCHES "^\\$<" OR EXISTS "${folder}")
      list(APPEND after "${folder}")
    else()
      message(STATUS "${target}: no folder ${folder}")
    endif()
  endforeach()
  elbowroom_set_includes(${target} "${before}" ${after})
endfunction()

function(elbowroom_keep_includes_private target)
  get_target_property(before ${target} INTERFACE_INCLUDE_DIRECTORIES)
  if(NOT before)
    return()
  endif()
  string(REGEX REPLACE "(^|;)(/[^;]*)" "\\1$<BUILD_INTERFACE:\\2>" after "${before}")
  elbowroom_set_includes(${target} "${before}" ${after})
endfunction()

function(elbowroom_mend_includes)
  get_property(imported DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS imported)
    elbowroom_drop_missing_includes(${target})
  endforeach()
  elbowroom_keep_includes_private(${PROJECT_NAME}__rosidl_generator_py)
endfunction()

cmake_language(DEFER CALL elbowroom_mend_includes)
