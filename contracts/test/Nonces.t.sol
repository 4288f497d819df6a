// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice A06, A15 and I5: a nonce is used up once, by a fill or by its owner, whatever funds the order.
contract NoncesTest is SettlementTest {
    /// @dev A06, for each funding.
    function test_settle_refusesTheSameOrderTwice() public {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory data = oneHop(order, v3(order.amount));
        settle(data);
        settleFails(data, abi.encodeWithSelector(ISettlement.NonceUsed.selector, digestOf(order), owner, order.nonce));
        vm.roll(block.number + 1);
        settleFailsAs(data, ISettlement.NonceUsed.selector);

        order.nonce = 8;
        data = callOf(order, byPermit2(order, hex"01"), hex"00", "", list(v3(order.amount)));
        settle(data);
        settleFailsAs(data, ISettlement.NonceUsed.selector);
    }

    /// @dev A06 and I5: one order signed for the allowance and for Permit2 fills by whichever comes first, and once.
    function test_A06_anOrderSignedBothWays_fillsOnce() public {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory pull = byPermit2(order, abi.encodePacked(uint8(2), order.amount));
        bytes[3] memory ways = [byKey(order), byPermit2(order, hex"01"), pull];
        for (uint256 plan = 0; plan < 9; ++plan) {
            uint256 snapshot = vm.snapshotState();
            settle(callOf(order, ways[plan / 3], hex"00", "", list(v3(order.amount))));
            bytes memory again = callOf(order, ways[plan % 3], hex"00", "", list(v3(order.amount)));
            settleFailsAs(again, ISettlement.NonceUsed.selector);
            assertEq(sell.balanceOf(owner), 1e30 - 1e18);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Two orders may differ in all but the nonce: it is the nonce that is used up, whatever funds them.
    function test_A06_twoOrdersOfOneNonce_fillOnceWhateverFundsThem() public {
        Order memory first = anOrder(1e18, 9e17);
        Order memory second = anOrder(2e18, 9e17);
        settle(callOf(first, byPermit2(first, hex"01"), hex"00", "", list(v3(first.amount))));
        settleFailsAs(oneHop(second, v3(second.amount)), ISettlement.NonceUsed.selector);
    }

    /// @dev A15: a cancellation here reaches orders that Permit2 funds, and one at Permit2 those alone.
    function test_settle_refusesACancelledNonce_whateverFundsTheOrder() public {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory permit2 = callOf(order, byPermit2(order, hex"01"), hex"00", "", list(v3(order.amount)));
        uint256 snapshot = vm.snapshotState();
        vm.prank(owner);
        settlement.cancel(0, 1 << 7);
        settleFailsAs(permit2, ISettlement.NonceUsed.selector);
        vm.revertToState(snapshot);
        vm.prank(owner);
        (bool isDone, ) = PERMIT2.call(
            abi.encodeWithSignature("invalidateUnorderedNonces(uint256,uint256)", 0, 1 << 7)
        );
        assertTrue(isDone);
        settleFails(permit2, abi.encodeWithSignature("InvalidNonce()"));
        assertEq(settlement.bitmap(owner, 0), 0);
        settle(oneHop(order, v3(order.amount)));
    }

    /// @dev Permit2's signature is checked when it pays, so bytes that nobody signed must not burn a nonce before.
    function test_settle_burnsNoNonce_whenPermit2IsNeverAsked() public {
        Order memory order = anOrder(1e18, 1);
        bytes memory forged = abi.encodePacked(uint8(3), uint16(64), new bytes(64), uint8(1));
        settleFailsAs(callOf(order, forged, hex"00", "", new bytes[](0)), ISettlement.PaidTooLittle.selector);
        bytes[3] memory verbs = [v2(0), v3(0), v4(0)];
        for (uint256 i = 0; i < 3; ++i) {
            (bool isDone, ) = trySettle(callOf(order, forged, hex"00", "", list(verbs[i])));
            assertFalse(isDone);
        }
        assertEq(settlement.bitmap(owner, 0), 0);
    }

    /// @dev A06, for orders that share a word of nonces.
    function test_settle_refusesAnEarlierOrderOfTheSameWord() public {
        Order memory first = anOrder(1e18, 9e17);
        bytes memory data = oneHop(first, v3(first.amount));
        settle(data);
        Order memory second = anOrder(1e18, 9e17);
        second.nonce = first.nonce + 1;
        settle(oneHop(second, v3(second.amount)));
        settleFailsAs(data, ISettlement.NonceUsed.selector);
        assertEq(settlement.bitmap(owner, 0), 3 << first.nonce);
    }

    /// @dev A15.
    function test_settle_refusesACancelledNonce() public {
        Order memory order = anOrder(1e18, 9e17);
        order.nonce = 256 + 9;
        vm.expectEmit(address(settlement));
        emit ISettlement.Cancelled(owner, 1, 1 << 9);
        vm.prank(owner);
        settlement.cancel(1, 1 << 9);
        settleFailsAs(oneHop(order, v3(order.amount)), ISettlement.NonceUsed.selector);
    }

    function test_cancel_touchesNobodyElse() public {
        vm.prank(solver);
        settlement.cancel(0, type(uint256).max);
        Order memory order = anOrder(1e18, 9e17);
        settle(oneHop(order, v3(order.amount)));
    }
}
