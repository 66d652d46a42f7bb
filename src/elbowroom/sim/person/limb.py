"""URDF of a person's arm, made from lengths, radii and masses."""

from __future__ import annotations

from elbowroom.motion import Person

HAND_SWELL = 1.25
"""Radius of the closed hand in wrist radii."""

_LINK = """
  <link name="{name}">
    <inertial>
      <origin xyz="{centre:.9g} 0 0"/>
      <mass value="{mass:.9g}"/>
      <inertia ixx="{spin:.9g}" iyy="{swing:.9g}" izz="{swing:.9g}" ixy="0" ixz="0" iyz="0"/>
    </inertial>{visuals}
    <collision>
      <origin xyz="{middle:.9g} 0 0" rpy="0 1.5707963267948966 0"/>
      <geometry><capsule radius="{radius:.9g}" length="{last:.9g}"/></geometry>
    </collision>
  </link>"""
_SHOULDER = """
  <link name="shoulder">
    <inertial>
      <mass value="0"/>
      <inertia ixx="0" iyy="0" izz="0" ixy="0" ixz="0" iyz="0"/>
    </inertial>
  </link>"""
_CYLINDER = """
    <visual>
      <origin xyz="{centre:.9g} 0 0" rpy="0 1.5707963267948966 0"/>
      <geometry><cylinder radius="{radius:.9g}" length="{length:.9g}"/></geometry>
      <material name="skin"><color rgba="0.85 0.64 0.52 1"/></material>
    </visual>"""
_SPHERE = """
    <visual>
      <origin xyz="{centre:.9g} 0 0"/>
      <geometry><sphere radius="{radius:.9g}"/></geometry>
      <material name="skin"><color rgba="0.85 0.64 0.52 1"/></material>
    </visual>"""
_JOINT = """
  <joint name="{name}" type="{kind}">
    <parent link="{parent}"/><child link="{child}"/>
    <origin xyz="{x:.9g} 0 0"/><axis xyz="{axis}"/>
    <limit lower="{low:.9g}" upper="{high:.9g}" effort="1000" velocity="100"/>
  </joint>"""
_SLICES = 6

FLEXION_LIMITS = (-0.05, 2.7)
TWIST_LIMITS = (-1.6, 1.6)


def hand_radius(person: Person) -> float:
    """Radius of the closed hand [m]."""
    return HAND_SWELL * person.wrist_radius


def limb_urdf(person: Person) -> str:
    """URDF of one arm whose links run along their x axes from joint to joint.

    A fixed shoulder, a ball joint, the upper arm, the elbow (about z), the forearm, its twist
    (about x) and the hand. The twist of the whole forearm is lumped at the wrist. Links are
    homogeneous cylinders as far as inertia goes. Collision shapes are capsules of mean radius,
    for Bullet's cloth; the own sleeve touches tapered ones.
    """
    upper, fore, hand = person.upper_arm, person.forearm, person.hand
    shoulder_r, elbow_r, wrist_r = person.upper_arm_radius, person.elbow_radius, person.wrist_radius
    fist = hand_radius(person)
    parts = [
        '<?xml version="1.0"?>\n<robot name="arm">\n',
        _SHOULDER,
        _link("upper_arm", person.upper_arm_mass, upper, shoulder_r, elbow_r, upper),
        _link("forearm", person.forearm_mass, fore, elbow_r, wrist_r, fore),
        _link("hand", person.hand_mass, hand, wrist_r, fist, hand - fist),
        _joint("ball", "spherical", "shoulder", "upper_arm", 0.0, "1 0 0", (-3.0, 3.0)),
        _joint("elbow", "revolute", "upper_arm", "forearm", upper, "0 0 1", FLEXION_LIMITS),
        _joint("twist", "revolute", "forearm", "hand", fore, "1 0 0", TWIST_LIMITS),
        "\n</robot>\n",
    ]
    return "".join(parts)


def _link(name: str, mass: float, length: float, start: float, end: float, last: float) -> str:
    radius = (start + end) / 2
    step = last / _SLICES
    slices = [
        _CYLINDER.format(
            centre=(k + 0.5) * step, radius=start + (end - start) * (k + 0.5) / _SLICES, length=step
        )
        for k in range(_SLICES)
    ]
    return _LINK.format(
        name=name,
        centre=length / 2,
        middle=last / 2,
        last=last,
        radius=radius,
        mass=mass,
        spin=mass * radius**2 / 2,
        swing=mass * (3 * radius**2 + length**2) / 12,
        visuals="".join(slices) + _SPHERE.format(centre=last, radius=end),
    )


def _joint(
    name: str,
    kind: str,
    parent: str,
    child: str,
    x: float,
    axis: str,
    limits: tuple[float, float],
) -> str:
    low, high = limits
    return _JOINT.format(
        name=name, kind=kind, parent=parent, child=child, x=x, axis=axis, low=low, high=high
    )
