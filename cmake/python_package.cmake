# Installs the hand-written part of the import package. Every file is listed, because
# install(DIRECTORY) cannot leave out the generated msg/ and srv/ of an editable install under
# --symlink-install; the lists are globbed anew at each build, so a new file needs no edit here.

set(ELBOWROOM_DATA_SUFFIXES csv json npz obj safetensors stl txt urdf xml yaml)

# Puts into `out` the files below `folder` that match the patterns, relative to `folder`.
function(elbowroom_list_files out folder)
  list(TRANSFORM ARGN PREPEND "${folder}/" OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${patterns})
  list(FILTER files EXCLUDE REGEX "(^|/)(__pycache__|\\.[^/]*)/")
  set(${out} ${files} PARENT_SCOPE)
endfunction()

# Installs `files`, relative to `source`, below `destination`, keeping their folders.
function(elbowroom_install_files source destination)
  foreach(file IN LISTS ARGN)
    get_filename_component(folder ${file} DIRECTORY)
    install(FILES ${source}/${file} DESTINATION ${destination}/${folder})
  endforeach()
endfunction()

function(elbowroom_install_modules)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/src/${PROJECT_NAME})
  set(patterns ${ELBOWROOM_DATA_SUFFIXES})
  list(TRANSFORM patterns PREPEND "*.")
  elbowroom_list_files(files ${source} *.py py.typed ${patterns})
  list(FILTER files EXCLUDE REGEX "^(msg|srv)/")
  # rosidl brings a package marker of its own, empty, to the same place; the later one stays.
  ament_get_python_install_dir(python_dir)
  elbowroom_install_files(${source} ${python_dir}/${PROJECT_NAME} ${files})
endfunction()

# Writes an executable from a template; --symlink-install runs this very file.
function(elbowroom_write_wrapper template wrapper)
  configure_file(${template} ${wrapper} @ONLY
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                     WORLD_READ WORLD_EXECUTE)
endfunction()

# Every module of nodes/ that defines main() becomes lib/<package>/<name>_node, where
# `ros2 run` and launch look for executables.
function(elbowroom_install_executables)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(GLOB modules CONFIGURE_DEPENDS src/${PROJECT_NAME}/nodes/*.py)
  foreach(path IN LISTS modules)
    file(STRINGS ${path} main REGEX "^def main\\(")
    if(NOT main)
      continue()
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    get_filename_component(MODULE ${path} NAME_WE)
    string(REGEX REPLACE "_node$" "" stem ${MODULE})
    set(wrapper ${CMAKE_CURRENT_BINARY_DIR}/executables/${stem}_node)
    elbowroom_write_wrapper(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/node.py.in ${wrapper})
    install(PROGRAMS ${wrapper} DESTINATION lib/${PROJECT_NAME})
  endforeach()
endfunction()

# The command line. pip makes its own from pyproject.toml: setup.py leaves this one out.
function(elbowroom_install_command)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(wrapper ${CMAKE_CURRENT_BINARY_DIR}/executables/${PROJECT_NAME})
  elbowroom_write_wrapper(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/command.py.in ${wrapper})
  install(PROGRAMS ${wrapper} DESTINATION bin)
endfunction()

function(elbowroom_install_share)
  foreach(folder IN LISTS ARGN)
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
    elbowroom_list_files(files ${source} *.py *.yaml *.rviz *.urdf *.xacro)
    elbowroom_install_files(${source} share/${PROJECT_NAME}/${folder} ${files})
  endforeach()
endfunction()
