// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {HookToken, RebaseToken} from "./helpers/OddTokens.t.sol";
import {TestToken} from "./helpers/RealPools.t.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice A19 and I21: a token whose balances all change in the middle of a call, by a tenth up or down, and one that
/// arrives a wei short. The limit is paid or the call reverts, and what lies here by accident stays.
contract RebaseTest is SettlementTest {
    /// @dev Shares to a unit at first, and those that make every balance a tenth less and a tenth more.
    uint256 private constant PAR = 99e18;
    uint256 private constant DOWN = 110e18;
    uint256 private constant UP = 90e18;

    RebaseToken private token;
    HookToken private hostile;

    function setUp() public override {
        super.setUp();
        (token, hostile) = (new RebaseToken(PAR), new HookToken());
        addAllVenues(address(sell), address(hostile));
    }

    /// @dev The token rests in a pot while it changes.
    function testFuzz_A19_aTokenBetween_paysTheLimitOrReverts(uint256 shares, uint256 gift, uint256 venue) public {
        useBetween();
        token.mint(address(settlement), gift = bound(gift, 0, 1e24));
        shares = bound(shares, UP, DOWN);
        hostile.arm(address(token), abi.encodeCall(RebaseToken.rebase, (shares, 1)));
        hostile.skip(1);
        Order memory order = anOrder(1e18, 9e17);
        (bool isDone, ) = trySettle(overThree(order, venue));
        if (!isDone) {
            assertEq(token.balanceOf(address(settlement)), gift);
            return assertEq(sell.balanceOf(owner), 1e30);
        }
        assertTrue(hostile.wentThrough());
        assertGe(buy.balanceOf(receiver), 9e17);
        // What is here gained or lost by the rebase alone, but for the last unit.
        assertGe(token.balanceOf(address(settlement)) + 1, (gift * PAR) / shares);
    }

    function test_A19_aTokenBetween_fillsWhenItRisesAndIsRefusedWhenItFalls() public {
        useBetween();
        Order memory order = anOrder(1e18, 9e17);
        for (uint256 venue = 0; venue < 3; ++venue) {
            uint256 snapshot = vm.snapshotState();
            hostile.skip(1);
            hostile.arm(address(token), abi.encodeCall(RebaseToken.rebase, (DOWN, 1)));
            (bool isDone, ) = trySettle(overThree(order, venue));
            assertFalse(isDone);
            hostile.skip(1);
            hostile.arm(address(token), abi.encodeCall(RebaseToken.rebase, (UP, 1)));
            settle(overThree(order, venue));
            assertGe(buy.balanceOf(receiver), 9e17);
            vm.revertToState(snapshot);
        }
    }

    /// @dev A gift that would make up for the fall is not spent.
    function test_A19_aTokenBetweenThatFalls_isNotPaidOutOfAGift() public {
        useBetween();
        token.mint(address(settlement), 1e24);
        hostile.skip(1);
        hostile.arm(address(token), abi.encodeCall(RebaseToken.rebase, (DOWN, 1)));
        settleFailsAs(overThree(anOrder(1e18, 1), 1), ISettlement.HoldsLess.selector);
        assertEq(token.balanceOf(address(settlement)), 1e24);
    }

    /// @dev The sell token was pulled here as a whole, and changes before the rest of it is sold.
    function test_A19_aPulledSellToken_fillsWhenItRisesAndIsRefusedWhenItFalls() public {
        addAllVenues(address(token), address(buy));
        addAllVenues(address(token), address(hostile));
        addAllVenues(address(hostile), address(buy));
        sell = TestToken(address(token));
        sell.mint(owner, 1e24);
        approve(address(sell), PERMIT2);
        Order memory order = anOrder(2e18, 17e17);
        bytes[] memory verbs = list(pot(0, 2, v3(1e18)), pot(2, 1, v3(ALL)), v4(ALL));
        bytes memory pull = byPermit2(order, abi.encodePacked(uint8(2), uint128(2e18)));
        bytes memory data = callOf(order, pull, hex"00", abi.encodePacked(hostile), verbs);
        for (uint256 gift = 0; gift <= 1e24; gift += 1e24) {
            uint256 snapshot = vm.snapshotState();
            token.mint(address(settlement), gift);
            hostile.arm(address(token), abi.encodeCall(RebaseToken.rebase, (DOWN, 1)));
            (bool isDone, ) = trySettle(data);
            assertFalse(isDone);
            assertEq(token.balanceOf(address(settlement)), gift);
            hostile.arm(address(token), abi.encodeCall(RebaseToken.rebase, (UP, 1)));
            settle(data);
            assertGe(buy.balanceOf(receiver), 17e17);
            vm.revertToState(snapshot);
        }
    }

    /// @dev The buy token falls after a pool has paid it: the receiver has all that was paid, less the fall itself.
    function test_A19_aBuyToken_costsTheReceiverNoMoreThanItsFall() public {
        useAsBuy();
        addAllVenues(address(hostile), address(token));
        Order memory order = anOrder(2e18, 17e17);
        bytes[] memory verbs = list(v3(1e18), pot(0, 2, v3(1e18)), pot(2, 1, v3(ALL)));
        hostile.arm(address(token), abi.encodeCall(RebaseToken.rebase, (DOWN, 1)));
        (, uint256 bought) = settle(callOf(order, byKey(order), hex"00", abi.encodePacked(hostile), verbs));
        assertGe(bought, 17e17);
        assertGe(buy.balanceOf(receiver) + 1, (bought * 9) / 10);
    }

    /// @dev As stETH: what arrives can be a unit less than what moved. The unit is not credited.
    function testFuzz_settle_creditsWhatArrived_whenItIsAUnitShort(uint256 units, uint256 venue) public {
        token = new RebaseToken(1);
        useAsBuy();
        token.rebase(1e18, bound(units, 1e18 + 1, 2e18));
        Order memory order = anOrder(1e18, 5e17);
        uint256 snapshot = vm.snapshotState();
        (, uint256 bought) = settle(oneHop(order, swapOf(venue, order.amount)));
        assertEq(bought, buy.balanceOf(receiver));
        vm.revertToState(snapshot);
        (order.limitStart, order.limitEnd) = (uint128(bought + 1), uint128(bought + 1));
        settleFails(
            oneHop(order, swapOf(venue, order.amount)),
            abi.encodeWithSelector(ISettlement.PaidTooLittle.selector, digestOf(order), bought, bought + 1)
        );
    }

    /// @dev Not every amount is short; with this worth of a share it is.
    function test_settle_isAUnitShortOfWhatThePoolSays_whenATokenRoundsDown() public {
        Order memory order = anOrder(1e18, 5e17);
        (, uint256 said) = settle(oneHop(order, v3(order.amount)));
        token = new RebaseToken(1);
        useAsBuy();
        token.rebase(1e18, 1_234_567_890_123_456_789);
        order = anOrder(1e18, uint128(said));
        order.nonce = 8;
        settleFails(
            oneHop(order, v3(order.amount)),
            abi.encodeWithSelector(ISettlement.PaidTooLittle.selector, digestOf(order), said - 1, said)
        );
    }

    function useAsBuy() private {
        addAllVenues(address(sell), address(token));
        buy = TestToken(address(token));
    }

    function useBetween() private {
        addAllVenues(address(hostile), address(token));
        addAllVenues(address(token), address(buy));
    }

    /// @dev Sell token, hostile token, the token that changes, buy token. The hostile one moves for the second time when
    /// the second pool has paid out and is paid.
    function overThree(Order memory order, uint256 venue) private view returns (bytes memory) {
        bytes[] memory verbs = list(pot(0, 2, v3(order.amount)), pot(2, 3, v3(ALL)), pot(3, 1, swapOf(venue, ALL)));
        return callOf(order, byKey(order), hex"00", abi.encodePacked(hostile, token), verbs);
    }
}
