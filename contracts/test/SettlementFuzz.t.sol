// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {OrderLib} from "../libraries/OrderLib.sol";
import {TestToken} from "./helpers/RealPools.t.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice The same facts for all amounts, plans and bytes.
contract SettlementFuzzTest is SettlementTest {
    using OrderLib for Order;

    /// @dev I1, I2, I3, I6, I7: whatever the plan, either the owner is served as signed or nothing happens.
    function testFuzz_settle_servesTheOwnerAsSignedOrDoesNothing(
        uint128 amount,
        uint128 offered,
        uint128 limit,
        uint256 plan
    ) public {
        amount = uint128(bound(amount, 1, 1e26));
        Order memory order = anOrder(amount, uint128(bound(limit, 1, 1e26)));
        offered = uint128(bound(offered, 1, amount));
        bytes memory data =
            plan % 2 == 0
                ? oneHop(order, swapOf(plan / 2, offered))
                : twoHops(order, swapOf(plan / 2, offered), swapOf(plan / 6, ALL));
        uint256 supply = sell.totalSupply();
        (bool isDone, bytes memory result) = trySettle(data);

        (uint256 sold, uint256 bought) = isDone ? abi.decode(result, (uint256, uint256)) : (0, 0);
        assertEq(sell.balanceOf(owner), 1e30 - sold);
        assertEq(buy.balanceOf(receiver), bought);
        assertLe(sold, offered);
        if (isDone) assertGe(bought, order.limitEnd);
        assertEq(settlement.bitmap(owner, 0), isDone ? 1 << 7 : 0);
        assertEq(sell.totalSupply(), supply);
        assertEq(sell.balanceOf(address(settlement)) + buy.balanceOf(address(settlement)), 0);
        assertEq(mid.balanceOf(address(settlement)), 0);
    }

    /// @dev What the verb computes is the most that the pair accepts: one wei more breaks its invariant. Small reserves,
    /// where every wei of rounding shows.
    function testFuzz_settle_takesAllThatAPairWouldPay(uint128 amount, uint256 reserve) public {
        reserve = bound(reserve, 2000, 1e6);
        amount = uint128(bound(amount, 10, 1e7));
        uint256 bought = sellToNewPair(amount, reserve);
        uint256 before = reserve * reserve * 1e6;
        uint256 balanceIn = (reserve + amount) * 1000 - uint256(amount) * 3;
        assertGe(balanceIn * (reserve - bought) * 1000, before);
        assertLt(balanceIn * (reserve - bought - 1) * 1000, before);
    }

    /// @dev Where the division leaves no rest: 997 * 2,000,000 = 1000 * 1,994,000, so half the reserve is paid.
    function test_settle_takesHalfOfAPair_whenTheInputAfterFeeEqualsTheReserve() public {
        assertEq(sellToNewPair(2_000_000, 1_994_000), 997_000);
    }

    function sellToNewPair(uint128 amount, uint256 reserve) private returns (uint256 bought) {
        (sell, buy) = (new TestToken("SELL"), new TestToken("BUY"));
        addV2(address(sell), address(buy), reserve);
        sell.mint(owner, amount);
        approve(address(sell), address(settlement));
        (, bought) = settle(oneHop(anOrder(amount, 1), v2(amount)));
    }

    /// @dev Every proper prefix of a good call is refused.
    function testFuzz_settle_refusesATruncatedCall(uint256 length, uint256 plan) public {
        bytes memory data = aGoodCall(plan);
        length = bound(length, 1, data.length - 1);
        assembly ("memory-safe") {
            mstore(data, length)
        }
        refused(data);
    }

    function testFuzz_settle_refusesTrailingBytes(bytes memory tail, uint256 plan) public {
        vm.assume(tail.length > 0);
        refused(abi.encodePacked(aGoodCall(plan), tail));
    }

    /// @dev A13 on the wire: no bit of the order, of its signature or of what funds it can change. Bits after them are
    /// the solver's own.
    function testFuzz_settle_refusesAnyFlippedBitOfOrderAndSignature(uint256 bit, bool isPermit2) public {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory authority = isPermit2 ? byPermit2(order, hex"01") : byKey(order);
        bytes memory data = callOf(order, authority, hex"00", "", list(v3(order.amount)));
        // Operation 1, order 153 and what authorizes it.
        bit = bound(bit, 0, 8 * (154 + authority.length) - 1);
        data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        refused(data);
    }

    /// @dev A17 and I10: bytes of a stranger move nothing.
    function testFuzz_settle_refusesAnyBytes(bytes memory data, uint8 operation) public {
        vm.assume(data.length > 0);
        if (operation % 2 == 0) data[0] = 0x02;
        bytes4 selector = bytes4(data);
        vm.assume(selector != ISettlement.bitmap.selector && selector != ISettlement.DOMAIN_SEPARATOR.selector);
        vm.assume(selector != ISettlement.cancel.selector);
        refused(data);
    }

    function testFuzz_settle_refusesAnyVerbsOfAStrangerToTakeMore(bytes memory verbs, uint8 count) public {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory head = abi.encodePacked(uint8(2), packed(order), byKey(order), uint8(0), uint8(1), mid);
        (bool isDone, ) = trySettle(abi.encodePacked(head, count, verbs));
        // Random verbs that were to be a good program would still have to pay the limit.
        if (isDone) assertGe(buy.balanceOf(receiver), 9e17);
        else assertEq(sell.balanceOf(owner), 1e30);
        assertEq(mid.balanceOf(address(settlement)), 0);
    }

    /// @dev I18.
    function testFuzz_hash_differsInEveryField(Order memory order, uint256 field, uint256 bit) public pure {
        bytes memory encoded = abi.encode(order);
        uint256[13] memory widths = [uint256(160), 160, 160, 160, 160, 128, 128, 128, 40, 40, 40, 64, 16];
        field = bound(field, 0, 12);
        bit = bound(bit, 0, widths[field] - 1);
        encoded[field * 32 + 31 - bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        Order memory other = abi.decode(encoded, (Order));
        assertNotEq(order.hash(), other.hash());
    }

    function testFuzz_cancel_setsBitsAndClearsNone(uint56 word, uint256 mask, uint256 more) public {
        vm.startPrank(owner);
        settlement.cancel(word, mask);
        settlement.cancel(word, more);
        assertEq(settlement.bitmap(owner, word), mask | more);
        assertEq(settlement.bitmap(solver, word), 0);
    }

    /// @dev I16.
    function testFuzz_settle_fillsUpToValidToAndNeverAfter(uint32 validTo, uint32 time) public {
        Order memory order = anOrder(1e18, 9e17);
        order.validTo = validTo;
        bytes memory data = oneHop(order, v4(order.amount));
        vm.warp(bound(time, 1, type(uint32).max));
        if (block.timestamp <= validTo) settle(data);
        else settleFailsAs(data, ISettlement.OrderExpired.selector);
    }

    /// @dev I21: what lies here by accident changes nobody's result, and stays.
    function testFuzz_settle_isBlindToGifts(uint128 amount, uint256 gift, uint256 plan) public {
        amount = uint128(bound(amount, 1e6, 1e24));
        gift = bound(gift, 1, 1e30);
        Order memory order = anOrder(amount, 1);
        bytes memory data = twoHops(order, swapOf(plan, amount), swapOf(plan / 3, ALL));
        uint256 snapshot = vm.snapshotState();
        (, uint256 expected) = settle(data);
        vm.revertToState(snapshot);
        sell.mint(address(settlement), gift);
        buy.mint(address(settlement), gift);
        mid.mint(address(settlement), gift);
        vm.deal(address(settlement), gift);
        (, uint256 bought) = settle(data);
        assertEq(bought, expected);
        assertEq(sell.balanceOf(address(settlement)), gift);
        assertEq(buy.balanceOf(address(settlement)), gift);
        assertEq(mid.balanceOf(address(settlement)), gift);
        assertEq(address(settlement).balance, gift);
    }

    function aGoodCall(uint256 plan) private view returns (bytes memory) {
        Order memory order = anOrder(1e18, 9e17);
        if (plan % 2 == 0) return oneHop(order, swapOf(plan / 2, order.amount));
        return twoHops(order, swapOf(plan / 2, order.amount), swapOf(plan / 6, ALL));
    }

    function refused(bytes memory data) private {
        (bool isDone, ) = trySettle(data);
        assertFalse(isDone);
        assertEq(sell.balanceOf(owner), 1e30);
        assertEq(settlement.bitmap(owner, 0), 0);
    }
}
