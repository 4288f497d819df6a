// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {LimitMath} from "../libraries/LimitMath.sol";

/// @notice The laws of limits and their rounding.
contract LimitMathTest is Test {
    using LimitMath for Order;

    function testFuzz_limitAt_staysBetweenEndAndStart(
        uint128 x,
        uint128 y,
        uint40 from,
        uint40 to,
        uint40 time
    ) public pure {
        Order memory order = decay(x, y, from, to);
        uint256 limit = order.limitAt(time);
        assertLe(limit, order.limitStart);
        assertGe(limit, order.limitEnd);
    }

    function testFuzz_limitAt_neverRisesInTime(
        uint128 x,
        uint128 y,
        uint40 from,
        uint40 to,
        uint40 time,
        uint40 later
    ) public pure {
        Order memory order = decay(x, y, from, to);
        (uint40 first, uint40 second) = time < later ? (time, later) : (later, time);
        assertGe(order.limitAt(first), order.limitAt(second));
    }

    /// @dev The exact value is start - (start - end) * elapsed / span; one wei more is too much, and less is never due.
    function testFuzz_limitAt_roundsUp(uint128 x, uint128 y, uint40 from, uint40 to, uint40 time) public pure {
        Order memory order = decay(x, y, from, to);
        if (time <= order.decayStart || time >= order.decayEnd) return;
        uint256 span = order.decayEnd - order.decayStart;
        uint256 exact =
            uint256(order.limitStart) * span - uint256(order.limitStart - order.limitEnd) * (time - order.decayStart);
        uint256 limit = order.limitAt(time);
        assertGe(limit * span, exact);
        if (limit > 0) assertLt((limit - 1) * span, exact);
    }

    function testFuzz_limitAt_isTheEndsOutsideTheDecay(uint128 x, uint128 y, uint40 from, uint40 to) public pure {
        Order memory order = decay(x, y, from, to);
        assertEq(order.limitAt(order.decayStart), order.limitStart);
        assertEq(order.limitAt(0), order.limitStart);
        if (order.decayEnd > order.decayStart) assertEq(order.limitAt(order.decayEnd), order.limitEnd);
        assertEq(order.limitAt(uint256(type(uint40).max) + 1), order.limitEnd);
    }

    function testFuzz_limitAt_refusesALimitThatRises(uint128 x, uint128 y, uint256 time) public {
        vm.assume(x != y);
        Order memory order = decay(x, y, 1, 2);
        (order.limitStart, order.limitEnd) = (order.limitEnd, order.limitStart);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.LimitRises.selector, order.limitStart, order.limitEnd));
        this.limitAt(order, time);
    }

    function testFuzz_proRata_roundsUpAndNeverBeyondTheWhole(uint128 limit, uint128 sold, uint128 amount) public pure {
        amount = uint128(bound(amount, 1, type(uint128).max));
        sold = uint128(bound(sold, 1, amount));
        uint256 part = LimitMath.proRata(limit, sold, amount);
        assertGe(part * amount, uint256(limit) * sold);
        if (part > 0) assertLt((part - 1) * amount, uint256(limit) * sold);
        assertLe(part, limit);
    }

    /// @dev I15.
    function testFuzz_proRata_partsPayAtLeastTheWhole(uint128 limit, uint128 sold, uint128 amount) public pure {
        amount = uint128(bound(amount, 2, type(uint128).max));
        sold = uint128(bound(sold, 1, amount - 1));
        uint256 parts =
            uint256(LimitMath.proRata(limit, sold, amount)) + LimitMath.proRata(limit, amount - sold, amount);
        assertGe(parts, limit);
        assertLe(parts, uint256(limit) + 1);
    }

    function limitAt(Order calldata order, uint256 time) external pure returns (uint256) {
        return order.limitAt(time);
    }

    function decay(uint128 x, uint128 y, uint40 from, uint40 to) private pure returns (Order memory order) {
        (order.limitStart, order.limitEnd) = x > y ? (x, y) : (y, x);
        (order.decayStart, order.decayEnd) = (from, to);
    }
}
